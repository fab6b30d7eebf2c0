import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { processIdentity } from '../../libs/journal/process-identity.ts';

export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

/**
 * The facts a server states about itself in `postmaster.pid`: one fact a line, by position (PostgreSQL's
 * `src/include/utils/pidfile.h`).
 *
 * @param data PGDATA, here and below
 */
export function readPostmasterFile(data: string): PostmasterFile | null {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
  } catch {
    return null;
  }
}

/** Whether that process is a server on these very files: a pid in an old file may belong to anybody by now. */
export function isPostgresOn(pid: number, data: string): boolean {
  if (processIdentity(pid) === undefined) return false;
  if (process.platform === 'linux') {
    try {
      // A server's working directory is its data directory, and so is that of each of its helpers.
      return (
        basename(readlinkSync(`/proc/${pid}/exe`)).startsWith('postgres') &&
        readlinkSync(`/proc/${pid}/cwd`) === realpathSync(data)
      );
    } catch {
      return false;
    }
  }
  const ps = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return ps.status === 0 && ps.stdout.includes('postgres') && ps.stdout.includes(data);
}

/** Ends a server whose files are about to be deleted. */
export function killLeftover(data: string): void {
  const found = readPostmasterFile(data);
  if (found !== null && isPostgresOn(found.pid, data)) process.kill(found.pid, 'SIGKILL');
}

/**
 * Server processes that outlived their postmaster. They leave by themselves as soon as they notice; until then
 * the files are not free.
 */
export function hasOrphans(data: string): boolean {
  if (process.platform !== 'linux') return false;
  return readdirSync('/proc').some((name) => /^\d+$/.test(name) && isPostgresOn(Number(name), data));
}
