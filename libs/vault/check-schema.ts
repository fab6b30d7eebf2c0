import type { DataSource } from 'typeorm';
import { sqlState } from './database-errors.js';
import { schemaVersion } from './migrate.js';
import { VaultError } from './vault.errors.js';

/**
 * Refuses to run where isolation would not hold, or on a schema this build does not know. One version newer is
 * accepted, so that a deploy can migrate first and roll the replicas afterwards.
 * @throws VaultError `schema_mismatch`, `unsafe_role`
 */
export async function checkSchema(dataSource: DataSource): Promise<void> {
  const version = await currentVersion(dataSource);
  if (version !== schemaVersion && version !== schemaVersion + 1) {
    throw new VaultError(
      'schema_mismatch',
      `Found ${version}, wanted ${schemaVersion}: run npm run migrate.`,
    );
  }
  const unsafe = await dataSource.query<{ problem: string }[]>(`
    select 'role grantkeeper_app may bypass row-level security' as problem from pg_roles
      where rolname = 'grantkeeper_app' and (rolsuper or rolbypassrls)
    union all
    select 'row-level security is not forced on ' || relname from pg_class
      where relnamespace = 'gk'::regnamespace and relkind in ('r', 'p')
        and relname not in ('deployment', 'mac_keys', 'migrations') and not (relrowsecurity and relforcerowsecurity)
    union all
    select 'the login may not become grantkeeper_app' where not pg_has_role(current_user, 'grantkeeper_app', 'member')`);
  if (unsafe[0]) throw new VaultError('unsafe_role', `${unsafe[0].problem}.`);
}

async function currentVersion(dataSource: DataSource): Promise<number> {
  try {
    const [row] = await dataSource.query<{ version: number }[]>(
      'select count(*)::int as version from gk.migrations',
    );
    return row?.version ?? 0;
  } catch (error) {
    const missing = ['42P01', '3F000', '42501'];
    if (missing.includes(sqlState(error) ?? '')) return 0;
    throw error;
  }
}
