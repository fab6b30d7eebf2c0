import type { QueryRunner } from 'typeorm';
import { type FunctionFile, functionFiles } from './function-files.js';

const roles = ['grantkeeper_app', 'grantkeeper_clerk', 'grantkeeper_scheduler', 'grantkeeper_doorkeeper'];

/**
 * Creates every function anew from its file, with the owner and the grants the file names and its hash as comment, and
 * drops those that no file defines any more. Fails where a function's parameters have changed under the same name.
 */
export async function defineFunctions(runner: QueryRunner): Promise<void> {
  const files = functionFiles();
  await runner.query(`grant create on schema gk to ${roles.join(', ')}`);
  for (const file of files) await runner.query(definition(file));
  await runner.query(`revoke create on schema gk from ${roles.join(', ')}`);
  const names = files.map(({ name }) => name);
  const stale: { signature: string }[] = await runner.query(
    `select oid::regprocedure::text as signature from pg_proc
     where pronamespace = 'gk'::regnamespace and not proname = any ($1)`,
    [names],
  );
  for (const { signature } of stale) await runner.query(`drop function ${signature}`);
}

function definition({ name, owner, executors, sql, sha256 }: FunctionFile): string {
  return [
    sql,
    `alter function gk.${name} owner to ${owner};`,
    `revoke all on function gk.${name} from public, ${roles.join(', ')};`,
    `grant execute on function gk.${name} to ${[owner, ...executors].join(', ')};`,
    `comment on function gk.${name} is 'sha256:${sha256}';`,
  ].join('\n');
}
