import type { QueryRunner } from 'typeorm';

/**
 * Creates or replaces a function that runs as `owner`, under that role's row-level policies, whoever calls it.
 * The search path is fixed, and nobody but the application role may execute it.
 */
export async function defineFunction(
  runner: QueryRunner,
  owner: 'grantkeeper_app' | 'grantkeeper_scheduler' | 'grantkeeper_doorkeeper',
  signature: string,
  definition: string,
): Promise<void> {
  const name = `gk.${signature}`;
  await runner.query(`
    set local search_path = gk, pg_temp;
    create or replace function ${definition};
    set local search_path to default`);
  await runner.query(`
    alter function ${name} security definer;
    alter function ${name} set search_path = gk, pg_temp;
    grant create on schema gk to ${owner};
    alter function ${name} owner to ${owner};
    revoke create on schema gk from ${owner};
    revoke all on function ${name} from public;
    grant execute on function ${name} to grantkeeper_app`);
}
