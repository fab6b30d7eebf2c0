import { linkSync, readFileSync, renameSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { processIdentity } from '../../libs/journal/process-identity.ts';
import { codeOf } from './user-error.mjs';

const HEARTBEAT_MS = 5_000;
/** A holder on another host (a shared volume), or without an identity, can only be judged by its heartbeat. */
const SILENT_MS = 30_000;

export interface LockedProcess {
  name: string;
  pid: number;
  identity: string | undefined;
}

interface LockContent {
  pid: number;
  host: string;
  /** Undefined where the system does not tell one process from a later one of the same pid. */
  identity: string | undefined;
  stopping?: boolean;
  children?: LockedProcess[];
}

export interface Lock {
  /** What the holder that is gone had written. */
  readonly previous: LockContent | null;
  update(extra: Partial<LockContent>): void;
  release(): void;
}

/**
 * Takes a lock file. One whose holder is gone is taken over, and what that holder had written is handed on.
 *
 * @param onHeld called again and again while somebody else holds the lock; gives up by throwing
 */
export async function acquireLock(
  path: string,
  onHeld: (holder: LockContent | null, waitedMs: number) => void,
): Promise<Lock> {
  const content = { pid: process.pid, host: hostname(), identity: processIdentity(process.pid) };
  const askedAt = Date.now();
  let previous: LockContent | null = null;
  for (;;) {
    try {
      writeFileSync(path, JSON.stringify(content), { flag: 'wx', mode: 0o600 });
      return holdLock(path, content, previous);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const holder = readLock(path);
    if (isAbandoned(path, holder)) {
      if (removeAbandoned(path, holder)) previous = holder;
      continue;
    }
    onHeld(holder, Date.now() - askedAt);
    await sleep(100);
  }
}

function holdLock(path: string, content: LockContent, previous: LockContent | null): Lock {
  const heartbeat = setInterval(() => {
    const now = new Date();
    try {
      utimesSync(path, now, now);
    } catch {
      // The directory was deleted under us: there is nothing left to guard.
    }
  }, HEARTBEAT_MS);
  heartbeat.unref();
  const release = () => {
    clearInterval(heartbeat);
    process.removeListener('exit', release);
    if (sameHolder(readLock(path), content)) unlinkSync(path);
  };
  process.on('exit', release);
  return {
    previous,
    update(extra) {
      Object.assign(content, extra);
      if (!sameHolder(readLock(path), content)) return;
      writeFileSync(`${path}.${process.pid}`, JSON.stringify(content), { mode: 0o600 });
      renameSync(`${path}.${process.pid}`, path);
    },
    release,
  };
}

function readLock(path: string): LockContent | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

function isAbandoned(path: string, holder: LockContent | null): boolean {
  if (holder?.host === hostname() && holder.identity !== undefined)
    return processIdentity(holder.pid) !== holder.identity;
  try {
    return Date.now() - statSync(path).mtimeMs > SILENT_MS;
  } catch {
    return false;
  }
}

/** Two waiters may judge the same lock at once: whoever finds that it moved somebody's fresh lock puts it back. */
function removeAbandoned(path: string, judged: LockContent | null): boolean {
  const aside = `${path}.${process.pid}.abandoned`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  const wasJudged = sameHolder(readLock(aside), judged);
  try {
    if (!wasJudged) linkSync(aside, path);
  } catch {
    // A third one has taken it meanwhile.
  }
  unlinkSync(aside);
  return wasJudged;
}

function sameHolder(a: LockContent | null, b: LockContent | null): boolean {
  return a?.pid === b?.pid && a?.identity === b?.identity && a?.host === b?.host;
}
