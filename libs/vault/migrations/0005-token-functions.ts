import type { MigrationInterface, QueryRunner } from 'typeorm';
import { defineFunction } from './define-function.js';

/** The token path: each step is one call, and so one round trip and one transaction. */
export class TokenFunctions1764000000005 implements MigrationInterface {
  name = 'TokenFunctions1764000000005';

  async up(runner: QueryRunner): Promise<void> {
    await defineFunction(
      runner,
      'grantkeeper_app',
      'read_token(uuid, text)',
      `gk.read_token(p_tenant uuid, p_slug text)
       returns table (connection_id uuid, provider text, status text, generation integer, lifetime_ms double precision,
         remaining_ms double precision, expires_at timestamptz, retry_in_ms double precision, leased boolean, failed_at timestamptz, last_error jsonb,
         single_use boolean, pending_grant text, sealed text, data_key jsonb)
       language plpgsql as $$
       declare v_now timestamptz := gk.now();
       begin
         perform set_config('gk.tenant_id', p_tenant::text, true);
         return query
           select c.id, d.provider, c.status, c.generation,
             extract(epoch from c.access_token_expires_at - c.access_token_issued_at)::double precision * 1000,
             extract(epoch from c.access_token_expires_at - v_now)::double precision * 1000,
             c.access_token_expires_at,
             extract(epoch from c.retry_not_before - v_now)::double precision * 1000,
             coalesce(c.lease_expires_at > v_now, false), (c.last_error->>'at')::timestamptz, c.last_error,
             c.single_use, g.type, s.sealed,
             jsonb_build_object('id', k.id, 'version', k.version, 'wrapped', k.wrapped)
           from connections c
             join credentials d on d.tenant_id = p_tenant and d.id = c.credential_id
             left join token_sets s on s.tenant_id = p_tenant and s.connection_id = c.id
             left join tenant_keys k on k.tenant_id = p_tenant and k.id = s.data_key_id
             left join pending_grants g on g.tenant_id = p_tenant and g.connection_id = c.id
           where c.tenant_id = p_tenant and c.slug = p_slug;
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_app',
      'claim_connection(uuid, uuid, integer, uuid, double precision, boolean)',
      `gk.claim_connection(p_tenant uuid, p_connection uuid, p_generation integer, p_owner uuid, p_lease_seconds double precision, p_insist boolean)
       returns table (outcome text, intent_id uuid, claimed_at timestamptz, retry_in_ms double precision, last_error jsonb)
       language plpgsql as $$
       #variable_conflict use_column
       declare v_now timestamptz; v_row connections; v_outcome text; v_intent uuid; v_pending text;
       begin
         perform set_config('gk.tenant_id', p_tenant::text, true);
         select * into v_row from connections where id = p_connection for update;
         select type into v_pending from pending_grants where connection_id = p_connection;
         v_now := gk.now();
         v_outcome := case
           when v_row.id is null then 'gone'
           when v_row.generation <> p_generation then 'renewed'
           when v_pending is null and v_row.status in ('reauthorization_required', 'revoked') then 'ended'
           when v_row.lease_expires_at > v_now then 'leased'
           when v_row.retry_not_before > v_now and (not p_insist or v_pending = 'ciba') then 'held_back'
           else 'claimed' end;
         if v_outcome = 'claimed' then
           v_intent := gen_random_uuid();
           update connections set lease_owner = p_owner, lease_expires_at = v_now + make_interval(secs => p_lease_seconds)
             where id = p_connection;
           insert into intents (id, tenant_id, connection_id, generation, owner, created_at, deadline_at)
             values (v_intent, p_tenant, p_connection, p_generation, p_owner, v_now, v_now + make_interval(secs => p_lease_seconds));
         end if;
         return query select v_outcome, v_intent, v_now,
           extract(epoch from v_row.retry_not_before - v_now)::double precision * 1000, v_row.last_error;
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'claim_due(uuid, integer, double precision)',
      `gk.claim_due(p_owner uuid, p_limit integer, p_lease_seconds double precision)
       returns table (tenant_id uuid, connection_id uuid, intent_id uuid, generation integer, claimed_at timestamptz)
       language plpgsql as $$
       #variable_conflict use_column
       declare v_now timestamptz := gk.now(); v_until timestamptz := v_now + make_interval(secs => p_lease_seconds);
       begin
         return query
           with due as (
             select id from connections
             where next_renewal_at <= v_now and (lease_expires_at is null or lease_expires_at <= v_now)
             order by next_renewal_at limit p_limit for update skip locked
           ), claimed as (
             update connections c set lease_owner = p_owner, lease_expires_at = v_until
             from due where c.id = due.id
             returning c.tenant_id, c.id, c.generation, gen_random_uuid() as intent
           ), noted as (
             insert into intents (id, tenant_id, connection_id, generation, owner, created_at, deadline_at)
             select intent, claimed.tenant_id, claimed.id, claimed.generation, p_owner, v_now, v_until from claimed
           )
           select claimed.tenant_id, claimed.id, claimed.intent, claimed.generation, v_now from claimed;
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'ms_until_due()',
      `gk.ms_until_due() returns double precision
       language plpgsql as $$
       declare v_now timestamptz := gk.now(); v_due timestamptz;
       begin
         select next_renewal_at into v_due from connections
           where next_renewal_at is not null and (lease_expires_at is null or lease_expires_at <= v_now)
           order by next_renewal_at limit 1;
         return extract(epoch from v_due - v_now) * 1000;
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_app',
      'load_claim(uuid, uuid)',
      `gk.load_claim(p_tenant uuid, p_connection uuid)
       returns table (slug text, "grant" text, subject text, requested_scope text, scope text, status text, renewal text,
         generation integer, refresh_token_expires_at timestamptz, failed_attempts integer, token_expires_in_ms double precision,
         credential_id uuid, provider text, client_id text, settings jsonb, secrets jsonb,
         sealed text, pending jsonb, data_keys jsonb)
       language plpgsql as $$
       #variable_conflict use_column
       declare v_now timestamptz := gk.now();
       begin
         perform set_config('gk.tenant_id', p_tenant::text, true);
         return query
           select c.slug, c."grant", c.subject, c.requested_scope, c.scope, c.status, c.renewal,
             c.generation, c.refresh_token_expires_at, c.failed_attempts,
             extract(epoch from c.access_token_expires_at - v_now)::double precision * 1000,
             d.id, d.provider, d.client_id, d.settings,
             (select jsonb_agg(jsonb_build_object('id', s.id, 'version', s.version, 'kind', s.kind, 'sealed', s.sealed) order by s.version desc)
                from credential_secrets s where s.tenant_id = p_tenant and s.credential_id = d.id),
             t.sealed,
             (select jsonb_build_object('id', g.id, 'type', g.type, 'sealed', g.sealed, 'intervalSeconds', g.interval_seconds,
                'expired', g.expires_at is not null and g.expires_at <= v_now)
                from pending_grants g where g.tenant_id = p_tenant and g.connection_id = c.id),
             (select jsonb_agg(jsonb_build_object('id', k.id, 'version', k.version, 'wrapped', k.wrapped) order by k.version desc)
                from tenant_keys k where k.tenant_id = p_tenant)
           from connections c
             join credentials d on d.tenant_id = p_tenant and d.id = c.credential_id
             left join token_sets t on t.tenant_id = p_tenant and t.connection_id = c.id
           where c.tenant_id = p_tenant and c.id = p_connection;
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_app',
      'commit_renewal(uuid, uuid, uuid, integer, text, uuid, text, timestamptz, timestamptz, timestamptz, timestamptz, boolean, boolean)',
      `gk.commit_renewal(p_tenant uuid, p_connection uuid, p_intent uuid, p_generation integer, p_sealed text, p_data_key uuid,
         p_scope text, p_issued_at timestamptz, p_expires_at timestamptz, p_refresh_expires_at timestamptz,
         p_next_renewal_at timestamptz, p_single_use boolean, p_announce boolean)
       returns boolean language plpgsql as $$
       declare v_now timestamptz; v_status text;
       begin
         perform set_config('gk.tenant_id', p_tenant::text, true);
         delete from intents where id = p_intent;
         select status into v_status from connections where id = p_connection and generation = p_generation for update;
         if not found then return false; end if;
         v_now := gk.now();
         update connections set
           generation = p_generation + 1, status = 'active', scope = p_scope,
           access_token_issued_at = p_issued_at, access_token_expires_at = p_expires_at,
           refresh_token_expires_at = p_refresh_expires_at, next_renewal_at = p_next_renewal_at,
           last_renewed_at = v_now, last_error = null, failed_attempts = 0, retry_not_before = null,
           single_use = p_single_use, lease_owner = null, lease_expires_at = null, updated_at = v_now
         where id = p_connection;
         delete from pending_grants where connection_id = p_connection;
         insert into token_sets (connection_id, tenant_id, generation, data_key_id, sealed, created_at)
           values (p_connection, p_tenant, p_generation + 1, p_data_key, p_sealed, v_now)
           on conflict (connection_id) do update set generation = excluded.generation,
             data_key_id = excluded.data_key_id, sealed = excluded.sealed, created_at = excluded.created_at;
         if v_status <> 'active' then
           insert into connection_events (tenant_id, connection_id, type, data, created_at)
             values (p_tenant, p_connection, 'connection.active', jsonb_build_object('generation', p_generation + 1), v_now);
         end if;
         if p_announce then perform pg_notify('gk_changes', 'connection ' || p_connection); end if;
         return true;
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_app',
      'fail_renewal(uuid, uuid, uuid, integer, text, jsonb, timestamptz, timestamptz, boolean)',
      `gk.fail_renewal(p_tenant uuid, p_connection uuid, p_intent uuid, p_generation integer, p_status text, p_error jsonb,
         p_next_renewal_at timestamptz, p_retry_not_before timestamptz, p_drop_pending boolean)
       returns boolean language plpgsql as $$
       declare v_now timestamptz; v_row connections; v_owner uuid;
       begin
         perform set_config('gk.tenant_id', p_tenant::text, true);
         delete from intents where id = p_intent returning owner into v_owner;
         select * into v_row from connections where id = p_connection and generation = p_generation for update;
         if not found then return false; end if;
         v_now := gk.now();
         update connections set
           status = p_status, last_error = p_error, failed_attempts = failed_attempts + 1,
           next_renewal_at = p_next_renewal_at, retry_not_before = p_retry_not_before,
           -- Whoever has taken the lease over meanwhile keeps it.
           lease_owner = case when lease_owner is distinct from v_owner then lease_owner end,
           lease_expires_at = case when lease_owner is distinct from v_owner then lease_expires_at end,
           updated_at = v_now
         where id = p_connection;
         if p_drop_pending then delete from pending_grants where connection_id = p_connection; end if;
         if v_row.status <> p_status then
           insert into connection_events (tenant_id, connection_id, type, data, created_at)
             values (p_tenant, p_connection, 'connection.' || p_status, jsonb_build_object('code', p_error->>'code'), v_now);
         end if;
         return true;
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_app',
      'postpone_renewal(uuid, uuid, uuid, integer, timestamptz, double precision)',
      `gk.postpone_renewal(p_tenant uuid, p_connection uuid, p_intent uuid, p_generation integer, p_next_at timestamptz,
         p_interval_seconds double precision)
       returns boolean language plpgsql as $$
       begin
         perform set_config('gk.tenant_id', p_tenant::text, true);
         delete from intents where id = p_intent;
         update pending_grants set interval_seconds = p_interval_seconds where connection_id = p_connection;
         update connections set next_renewal_at = p_next_at, retry_not_before = p_next_at,
           lease_owner = null, lease_expires_at = null, updated_at = gk.now()
         where id = p_connection and generation = p_generation;
         return found;
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_app',
      'take_token(uuid, uuid, integer)',
      `gk.take_token(p_tenant uuid, p_connection uuid, p_generation integer)
       returns boolean language plpgsql as $$
       declare v_now timestamptz;
       begin
         perform set_config('gk.tenant_id', p_tenant::text, true);
         delete from token_sets where connection_id = p_connection and generation = p_generation;
         if not found then return false; end if;
         v_now := gk.now();
         update connections set status = 'reauthorization_required', next_renewal_at = null, updated_at = v_now,
           last_error = jsonb_build_object('code', 'token_used', 'at', to_char(v_now at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
             'attempts', 0, 'next_attempt_at', null)
         where id = p_connection;
         insert into connection_events (tenant_id, connection_id, type, data, created_at)
           values (p_tenant, p_connection, 'connection.reauthorization_required', jsonb_build_object('code', 'token_used'), v_now);
         return true;
       end $$`,
    );
  }

  async down(): Promise<void> {
    throw new Error('These functions are replaced by later migrations, never dropped.');
  }
}
