import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { processIdentity } from './process-identity.js';

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly identity: string | undefined;
  /** Two holders in one process are not the same one. */
  readonly token: string;
}

const heartbeatMs = 5_000;
/** A holder on another host, which shares the volume, is judged by its heartbeat alone. */
const silentMs = 30_000;

/** A folder that one process at a time may use. */
export class FolderLock {
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly path: string,
    private readonly holder: Holder,
  ) {
    this.timer = setInterval(() => this.beat(), heartbeatMs);
    this.timer.unref();
  }

  /** @returns undefined while somebody alive holds it, and where the folder has gone */
  static take(folder: string): FolderLock | undefined {
    const holder = {
      pid: process.pid,
      host: hostname(),
      identity: processIdentity(process.pid),
      token: randomUUID(),
    };
    const path = join(folder, 'lock');
    return acquire(path, holder) ? new FolderLock(path, holder) : undefined;
  }

  release(): void {
    clearInterval(this.timer);
    if (read(this.path)?.token === this.holder.token) rmSync(this.path, { force: true });
  }

  private beat(): void {
    const now = new Date();
    try {
      utimesSync(this.path, now, now);
    } catch {
      // The folder was removed: there is nothing left to guard.
    }
  }
}

/**
 * A link appears whole or not at all, and once. A lock whose holder has gone is replaced by one at a time: whoever
 * holds the lock of that, which is taken in the same way, and still finds the holder it judged.
 */
function acquire(path: string, holder: Holder): boolean {
  const before = read(path);
  if (before && !isGone(path, before)) return false;
  const mine = `${path}.${holder.token}`;
  try {
    writeFileSync(mine, JSON.stringify(holder), { mode: 0o600 });
    if (!before) linkSync(mine, path);
    else return replace(path, before, mine, holder);
    return true;
  } catch (error) {
    if (['EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

function replace(path: string, before: Holder, mine: string, holder: Holder): boolean {
  const turn = `${path}.turn`;
  if (!acquire(turn, holder)) return false;
  try {
    if (read(path)?.token !== before.token) return false;
    renameSync(mine, path);
    return true;
  } finally {
    rmSync(turn, { force: true });
  }
}

/** @returns undefined where there is none; what a power failure left of one names nobody alive */
function read(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    return { pid: 0, host: hostname(), identity: 'nobody', token: '' };
  }
}

function isGone(path: string, holder: Holder): boolean {
  if (holder.host === hostname()) return processIdentity(holder.pid) !== holder.identity;
  const heard = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.now() - heard > silentMs;
}
