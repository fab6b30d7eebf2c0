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

  /** @returns undefined while somebody alive holds it */
  static take(folder: string): FolderLock | undefined {
    const path = join(folder, 'lock');
    const holding = read(path);
    if (holding && !isGone(path, holding)) return undefined;
    const holder = {
      pid: process.pid,
      host: hostname(),
      identity: processIdentity(process.pid),
      token: randomUUID(),
    };
    const mine = `${path}.${holder.token}`;
    writeFileSync(mine, JSON.stringify(holder), { mode: 0o600 });
    try {
      const before = read(path);
      if (before && !isGone(path, before)) return undefined;
      // Of several who find the holder gone, one gets to move its lock away.
      if (before) renameSync(path, `${mine}.gone`);
      linkSync(mine, path);
      return new FolderLock(path, holder);
    } catch {
      return undefined;
    } finally {
      rmSync(mine, { force: true });
      rmSync(`${mine}.gone`, { force: true });
    }
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

function read(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function isGone(path: string, holder: Holder): boolean {
  if (holder.host === hostname()) return processIdentity(holder.pid) !== holder.identity;
  return Date.now() - statSync(path).mtimeMs > silentMs;
}
