import type { MigrationInterface, QueryRunner } from 'typeorm';
import { defineFunction } from './define-function.js';

/** Who is calling, and which tenant is named: asked before a tenant can be set. */
export class DoorkeeperFunctions1764000000004 implements MigrationInterface {
  name = 'DoorkeeperFunctions1764000000004';

  async up(runner: QueryRunner): Promise<void> {
    await defineFunction(
      runner,
      'grantkeeper_doorkeeper',
      'find_api_key(bytea)',
      `gk.find_api_key(p_hash bytea)
       returns table (id uuid, role text, tenant_id uuid, tenant_slug text, connections text[], expires_in_ms double precision)
       language plpgsql stable as $$
       declare v_now timestamptz := gk.now();
       begin
         return query
           select k.id, k.role, k.tenant_id, t.slug, k.connections, extract(epoch from k.expires_at - v_now)::double precision * 1000
           from api_keys k left join tenants t on t.id = k.tenant_id
           where k.hash = p_hash and (k.expires_at is null or k.expires_at > v_now)
             and (k.tenant_id is null or t.disabled_at is null);
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_doorkeeper',
      'find_tenant(text)',
      `gk.find_tenant(p_slug text) returns table (id uuid, disabled boolean)
       language sql stable as $$ select t.id, t.disabled_at is not null from tenants t where t.slug = p_slug $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_doorkeeper',
      'any_api_key()',
      `gk.any_api_key() returns boolean language sql stable as $$ select exists (select from api_keys) $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_doorkeeper',
      'find_authorization(bytea)',
      `gk.find_authorization(p_hash bytea) returns table (id uuid, tenant_id uuid)
       language sql stable as $$
         select s.id, s.tenant_id from authorization_sessions s
         where s.link_hash = p_hash or s.state_hash = p_hash or s.alternate_state_hash = p_hash
       $$`,
    );
  }

  async down(): Promise<void> {
    throw new Error('These functions are replaced by later migrations, never dropped.');
  }
}
