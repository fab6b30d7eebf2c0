import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** PostgreSQL refuses to run as root; these accounts are asked for in this order. */
const CANDIDATES = ['postgres', 'nobody'];
/** What `nobody` is where the list of accounts does not say. */
const NOBODY_ID = 65_534;

export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** Whom the server has to run as; undefined: as ourselves. */
export function serverUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readAccounts();
  for (const name of CANDIDATES) {
    const account = accounts.find((fields) => fields[0] === name);
    if (account !== undefined) return { uid: Number(account[2]), gid: Number(account[3]) };
  }
  return { uid: NOBODY_ID, gid: NOBODY_ID };
}

function readAccounts(): string[][] {
  try {
    return readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
  } catch {
    return [];
  }
}

/** Tries a command as that user: what permissions, access lists and mount options come to is best found out so. */
export function runsAs(file: string, args: string[], user: SystemUser | undefined): boolean {
  return spawnSync(file, args, { ...user, cwd: '/', env: {}, stdio: 'ignore' }).status === 0;
}
