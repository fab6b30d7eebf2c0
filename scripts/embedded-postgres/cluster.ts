import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { codeOf, UserError } from '../lib/user-error.mjs';
import { type Binaries, findBinaries } from './binaries.ts';
import type { Home } from './home.ts';
import type { SystemUser } from './system-user.ts';

/** Nothing of our environment is the server's business, least of all keys. */
export const SERVER_ENV = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

export interface Cluster {
  /** PGDATA. */
  readonly data: string;
  readonly log: string;
  /** Of the superuser `postgres`. */
  readonly password: string;
  readonly binaries: Binaries;
  readonly user: SystemUser | undefined;
}

/**
 * The database files, made on the first start.
 *
 * @param durable false: written without waiting for the disk
 */
export async function openCluster(home: Home, durable: boolean): Promise<Cluster> {
  const binaries = findBinaries(home.user);
  const passwordFile = join(home.folder, 'password');
  try {
    if (!existsSync(home.data)) await create(home, binaries, passwordFile, durable);
    const made = readFileSync(join(home.data, 'PG_VERSION'), 'utf8').trim();
    if (made !== binaries.major) {
      throw new UserError(
        `the database in ${home.data} was made by PostgreSQL ${made}, the embedded one is ${binaries.major}`,
      );
    }
    const password = readFileSync(passwordFile, 'utf8');
    return { data: home.data, log: join(home.folder, 'server.log'), password, binaries, user: home.user };
  } catch (error) {
    if (error instanceof UserError || codeOf(error) === undefined) throw error;
    throw new UserError(`the database files in ${home.folder} cannot be read or written (${codeOf(error)})`);
  }
}

/** Under another name first: a `data` folder is a complete one, whatever interrupted the first start. */
async function create(home: Home, binaries: Binaries, passwordFile: string, durable: boolean): Promise<void> {
  for (const name of readdirSync(home.folder)) {
    if (name.startsWith('making-')) rmSync(join(home.folder, name), { recursive: true, force: true });
  }
  const making = join(home.folder, `making-${process.pid}`);
  const handover = join(making, 'password');
  const password = randomBytes(24).toString('base64url');
  mkdirSync(making, { mode: 0o700 });
  writeFileSync(handover, password, { mode: 0o600 });
  if (home.user !== undefined) {
    for (const path of [making, handover]) chownSync(path, home.user.uid, home.user.gid);
  }
  await initdb(binaries, home.user, [
    `--pgdata=${join(making, 'data')}`,
    '--username=postgres',
    `--pwfile=${handover}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // PostgreSQL's own provider gives C.UTF-8 on every system.
    ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    ...(durable ? [] : ['--no-sync']),
  ]);
  writeFileSync(passwordFile, password, { mode: 0o600 });
  renameSync(join(making, 'data'), home.data);
  rmSync(making, { recursive: true });
}

async function initdb(binaries: Binaries, user: SystemUser | undefined, args: string[]): Promise<void> {
  const child = spawn(binaries.initdb, args, {
    ...user,
    cwd: '/',
    env: SERVER_ENV,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaint += text;
  });
  const [outcome] = await once(child, 'close').catch((error) => [error.message]);
  if (outcome === 0) return;
  const reason =
    complaint.split('\n').find((line) => line.includes('error:')) ?? `initdb ended with ${outcome}`;
  throw new UserError(`the embedded database could not be made: ${reason.replace(/^initdb: error: /, '')}`);
}
