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
import { outsideFolder } from './outside-folder.mjs';
import { killLeftover } from './postmaster.mjs';
import { runsAs, serverUser } from './system-user.mjs';

/**
 * @typedef {object} Home where the server's files are
 * @property {string} folder ours: the password, the server's log
 * @property {string} data the server's own: PGDATA, kept by `user`
 * @property {import('./system-user.mjs').SystemUser | undefined} user
 */

/**
 * `<dataDir>/postgres`. Where the server's account cannot reach that, it is a symbolic link to a folder that it
 * can reach; deleting the data directory still means a fresh database, because a folder that no link leads to
 * any more is emptied.
 *
 * @param {string} dataDir
 * @returns {Home}
 */
export function findHome(dataDir) {
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

/**
 * Data that an ordinary user's start has made stays that user's when root starts next.
 *
 * @param {string} link
 * @param {import('./system-user.mjs').SystemUser | undefined} wished
 */
function keeperOf(link, wished) {
  const stat = statSync(join(link, 'data'), { throwIfNoEntry: false });
  if (wished === undefined || stat === undefined || stat.uid === 0) return wished;
  return { uid: stat.uid, gid: stat.gid };
}

/**
 * @param {string} link
 * @param {import('./system-user.mjs').SystemUser | undefined} user
 */
function prepareFolder(link, user) {
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

/**
 * @param {string} folder
 * @param {import('./system-user.mjs').SystemUser | undefined} user
 */
function prepare(folder, user) {
  const made = mkdirSync(folder, { recursive: true });
  if (made !== undefined) chmodSync(folder, user === undefined ? 0o700 : 0o711);
}

/**
 * @param {string} folder
 * @param {import('./system-user.mjs').SystemUser | undefined} user
 */
function reaches(folder, user) {
  return user === undefined || runsAs('/bin/sh', ['-c', 'cd -- "$0"', folder], user);
}
