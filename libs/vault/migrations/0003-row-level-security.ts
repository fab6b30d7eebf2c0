import type { MigrationInterface, QueryRunner } from 'typeorm';

const tenantTables = [
  'tenant_keys',
  'credentials',
  'credential_secrets',
  'connections',
  'token_sets',
  'pending_grants',
  'authorization_sessions',
  'intents',
  'connection_events',
];

/** Tables whose rows may also belong to the platform itself; those have no tenant. */
const sharedTables = ['api_keys', 'idempotency_keys'];

/**
 * A transaction sees the rows of the tenant it has set, and none when it has set none. `FORCE` puts the owner under
 * the same rule. `gk.platform` opens the list of tenants and the platform's own rows, never a tenant's data.
 */
export class RowLevelSecurity1764000000003 implements MigrationInterface {
  name = 'RowLevelSecurity1764000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function gk.tenant_id() returns uuid language sql stable
        as $$ select nullif(current_setting('gk.tenant_id', true), '')::uuid $$;
      create function gk.is_platform() returns boolean language sql stable
        as $$ select coalesce(current_setting('gk.platform', true), '') = 'on' $$`);
    for (const table of [...tenantTables, ...sharedTables, 'tenants']) {
      await runner.query(`
        alter table gk.${table} enable row level security;
        alter table gk.${table} force row level security;
        grant select, insert, update, delete on gk.${table} to grantkeeper_app`);
    }
    for (const table of tenantTables) {
      await runner.query(
        `create policy tenant on gk.${table} to grantkeeper_app using (tenant_id = (select gk.tenant_id()))`,
      );
    }
    for (const table of sharedTables) {
      await runner.query(`
        create policy tenant on gk.${table} to grantkeeper_app
          using (tenant_id = (select gk.tenant_id()) or (tenant_id is null and (select gk.is_platform())))`);
    }
    await runner.query(`
      alter table gk.audit_events enable row level security;
      alter table gk.audit_events force row level security;
      grant select, insert on gk.audit_events to grantkeeper_app;
      create policy tenant on gk.audit_events to grantkeeper_app
        using (tenant_id = (select gk.tenant_id()) or (tenant_id is null and (select gk.is_platform())));

      create policy tenant on gk.tenants to grantkeeper_app
        using (id = (select gk.tenant_id()) or (select gk.is_platform()));
      grant select on gk.deployment, gk.migrations to grantkeeper_app;

      grant select on gk.api_keys, gk.tenants to grantkeeper_doorkeeper;
      grant select (id, tenant_id, link_hash, state_hash, alternate_state_hash) on gk.authorization_sessions to grantkeeper_doorkeeper;
      create policy doorkeeper on gk.authorization_sessions for select to grantkeeper_doorkeeper using (true);
      create policy doorkeeper on gk.api_keys for select to grantkeeper_doorkeeper using (true);
      create policy doorkeeper on gk.tenants for select to grantkeeper_doorkeeper using (true);

      grant select (id, tenant_id, generation, next_renewal_at, lease_expires_at), update (lease_owner, lease_expires_at)
        on gk.connections to grantkeeper_scheduler;
      create policy scheduler_select on gk.connections for select to grantkeeper_scheduler using (true);
      create policy scheduler_update on gk.connections for update to grantkeeper_scheduler using (true);
      grant insert on gk.intents to grantkeeper_scheduler;
      create policy scheduler on gk.intents for insert to grantkeeper_scheduler with check (true)`);
  }

  async down(): Promise<void> {
    throw new Error('Row-level security is never taken off.');
  }
}
