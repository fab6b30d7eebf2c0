import { readFileSync } from 'node:fs';
import { pathFrom, type Terminal } from '../terminal.js';
import { type Finding, failed, ok, skipped, warning } from './finding.js';

const oldestServer = 150_000;
/** Milliseconds that two clocks may be apart. */
const tolerated = 2_000;

/** The database that DATABASE_URL names: version, roles, schema and clock. */
export async function checkDatabase(terminal: Terminal): Promise<Finding[]> {
  const url = setting(terminal, 'DATABASE_URL');
  if (url === undefined) {
    const why = 'DATABASE_URL is not set here.';
    return [
      skipped('database', why),
      skipped('roles and schema', why),
      skipped('clock of the database', why),
    ];
  }
  await import('reflect-metadata');
  const { inspectDatabase } = await import('#vault');
  try {
    const { serverVersion, superuser, problem, clockOffsetMs } = await inspectDatabase(url);
    const version = `PostgreSQL ${Math.floor(serverVersion / 10_000)}.${serverVersion % 10_000}`;
    return [
      serverVersion < oldestServer
        ? failed('database', `${version} is too old.`, 'Use PostgreSQL 15 or newer.')
        : ok('database', `${version} answers.`),
      rolesAndSchema(problem, superuser),
      clock(clockOffsetMs),
    ];
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const remedy = 'Check DATABASE_URL, and that the server lets this machine and user in.';
    return [failed('database', `It cannot be used: ${message || code || 'no answer'}.`, remedy)];
  }
}

function rolesAndSchema(problem: { code: string; detail: string } | undefined, superuser: boolean): Finding {
  const check = 'roles and schema';
  if (problem)
    return failed(check, problem.detail, 'Run npm run migrate as a user who may create roles and schemas.');
  if (superuser)
    return warning(
      check,
      'They are as they must be, but this login is a superuser.',
      'Let api and worker log in as a user who may become grantkeeper_app, and no more.',
    );
  return ok(check, 'They are as they must be.');
}

function clock(offsetMs: number): Finding {
  const check = 'clock of the database';
  const apart = `It is ${Math.abs(offsetMs)} ms ${offsetMs < 0 ? 'behind' : 'ahead of'} the clock here`;
  return Math.abs(offsetMs) > tolerated
    ? warning(check, `${apart}.`, 'Run NTP on both machines.')
    : ok(check, `${apart}.`);
}

function setting(terminal: Terminal, name: string): string | undefined {
  const path = terminal.env[`${name}_FILE`];
  if (terminal.env[name]) return terminal.env[name];
  return path ? readFileSync(pathFrom(terminal, path), 'utf8').trim() : undefined;
}
