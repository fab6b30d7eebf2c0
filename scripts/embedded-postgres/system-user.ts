import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** PostgreSQL refuses to run as root; these accounts are asked for in this order. */
const CANDIDATES = ['postgres', 'nobody'];
/** The id of `nobody` where the list of accounts does not say. */
const NOBODY_ID = 65_534;

export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** Whom the server has to run as; undefined: as ourselves. */
export function serverUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8') : '';
  for (const name of CANDIDATES) {
    const [, uid, gid] = accounts.match(new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm')) ?? [];
    if (uid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  return { uid: NOBODY_ID, gid: NOBODY_ID };
}

/** Tries a command as that user: what permissions, access lists and mount options come to is best found out so. */
export function runsAs(file: string, args: string[], user: SystemUser | undefined): boolean {
  return spawnSync(file, args, { ...user, cwd: '/', env: {}, stdio: 'ignore' }).status === 0;
}
