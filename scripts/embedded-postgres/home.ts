import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { codeOf, UserError } from '../lib/user-error.mjs';
import { outsideFolder } from './outside-folder.ts';
import { killLeftover } from './postmaster-file.ts';
import { runsAs, type SystemUser, serverUser } from './system-user.ts';

/** Where the server's files are. */
export interface Home {
  /** Ours: the password, the server's log. */
  readonly folder: string;
  /** The server's own: PGDATA, kept by `user`. */
  readonly data: string;
  readonly user: SystemUser | undefined;
}

/**
 * `<dataDir>/postgres`. Where the server's account cannot reach that, it is a symbolic link to a folder that it
 * can reach; deleting the data directory still means a fresh database, because a folder that no link leads to
 * any more is emptied.
 */
export function findHome(dataDir: string): Home {
  const wished = serverUser();
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o755 });
    const link = join(realpathSync(dataDir), 'postgres');
    const user = keeperOf(link, wished);
    const folder = prepareFolder(link, user);
    return { folder, data: join(folder, 'data'), user };
  } catch (error) {
    if (error instanceof UserError || codeOf(error) === undefined) throw error;
    throw new UserError(`the data directory ${resolve(dataDir)} cannot be written (${codeOf(error)})`);
  }
}

/** Data that an ordinary user's start has made stays that user's when root starts next. */
function keeperOf(link: string, wished: SystemUser | undefined): SystemUser | undefined {
  const stat = statSync(join(link, 'data'), { throwIfNoEntry: false });
  if (wished === undefined || stat === undefined || stat.uid === 0) return wished;
  return { uid: stat.uid, gid: stat.gid };
}

function prepareFolder(link: string, user: SystemUser | undefined): string {
  const existing = lstatSync(link, { throwIfNoEntry: false });
  if (existing?.isSymbolicLink()) {
    const target = readlinkSync(link);
    prepare(target, user);
    return target;
  }
  prepare(link, user);
  if (reaches(link, user)) return link;
  if (statSync(join(link, 'data'), { throwIfNoEntry: false })) {
    throw new UserError(
      `the database in ${link} is out of reach for the account it belongs to; open the folders above it`,
    );
  }
  rmSync(link, { recursive: true });
  const target = join(outsideFolder(), createHash('sha256').update(link).digest('hex').slice(0, 16));
  killLeftover(join(target, 'data'));
  rmSync(target, { recursive: true, force: true, maxRetries: 10 });
  prepare(target, user);
  symlinkSync(target, link);
  return target;
}

function prepare(folder: string, user: SystemUser | undefined): void {
  const made = mkdirSync(folder, { recursive: true });
  if (made !== undefined) chmodSync(folder, user === undefined ? 0o700 : 0o711);
}

function reaches(folder: string, user: SystemUser | undefined): boolean {
  return user === undefined || runsAs('/bin/sh', ['-c', 'cd -- "$0"', folder], user);
}
