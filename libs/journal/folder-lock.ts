import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
// By their names in the sources: the scripts take this file as it is, before anything is built.
import { processIdentity } from './process-identity.ts';

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

/**
 * How a lock of another host looked last, by path, and since when by our own monotonic clock: theirs may show any time,
 * so one look says nothing.
 */
const seen = new Map<
  string,
  { readonly token: string; readonly beatAtMs: number; readonly sinceMs: number }
>();

/** A folder that one process at a time may use. */
export class FolderLock {
  private readonly path: string;
  private readonly holder: Holder;
  private readonly onLost: () => void;
  private readonly timer: NodeJS.Timeout;

  private constructor(path: string, holder: Holder, onLost: () => void) {
    this.path = path;
    this.holder = holder;
    this.onLost = onLost;
    this.timer = setInterval(() => this.beat(), heartbeatMs);
    this.timer.unref();
  }

  /**
   * @param onLost called when another has taken it: this process stood still, and was held to be gone
   * @param nowMs monotonic clock
   * @returns undefined while somebody alive holds it, or somebody on another host who was not looked at for 30 seconds
   * yet; and where the folder has gone
   */
  static take(folder: string, onLost = () => {}, nowMs = performance.now()): FolderLock | undefined {
    const holder = {
      pid: process.pid,
      host: hostname(),
      identity: processIdentity(process.pid),
      token: randomUUID(),
    };
    const path = join(folder, 'lock');
    if (!acquire(path, holder, nowMs)) return undefined;
    seen.delete(path);
    return new FolderLock(path, holder, onLost);
  }

  release(): void {
    clearInterval(this.timer);
    if (read(this.path)?.token === this.holder.token) rmSync(this.path, { force: true });
  }

  private beat(): void {
    if (this.isLost()) {
      clearInterval(this.timer);
      this.onLost();
      return;
    }
    const now = new Date();
    try {
      utimesSync(this.path, now, now);
    } catch {
      // It is tried again, well before anybody draws a conclusion.
    }
  }

  /** Not when it cannot be read for the moment. */
  private isLost(): boolean {
    try {
      return (JSON.parse(readFileSync(this.path, 'utf8')) as Holder).token !== this.holder.token;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT';
    }
  }
}

/**
 * A link appears whole or not at all, and once. A lock whose holder has gone is replaced by one process at
 * a time: the one that holds the lock of that, taken in the same way, and still finds the holder it has seen.
 */
function acquire(path: string, holder: Holder, nowMs: number): boolean {
  const before = read(path);
  if (before && !isGone(path, before, nowMs)) return false;
  const mine = `${path}.${holder.token}`;
  try {
    writeFileSync(mine, JSON.stringify(holder), { mode: 0o600 });
    if (!before) linkSync(mine, path);
    else return replace(path, before, mine, holder, nowMs);
    return true;
  } catch (error) {
    if (['EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

function replace(path: string, before: Holder, mine: string, holder: Holder, nowMs: number): boolean {
  const turn = `${path}.turn`;
  if (!acquire(turn, holder, nowMs)) return false;
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

function isGone(path: string, { host, pid, identity, token }: Holder, nowMs: number): boolean {
  if (host === hostname()) return processIdentity(pid) !== identity;
  const beatAtMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const before = seen.get(path);
  if (before?.token === token && before.beatAtMs === beatAtMs) return nowMs - before.sinceMs > silentMs;
  seen.set(path, { token, beatAtMs, sinceMs: nowMs });
  return false;
}
