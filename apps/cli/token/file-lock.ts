import { closeSync, openSync, rmSync, statSync, utimesSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A lock that was not touched for so long is of a process that has gone; milliseconds. */
const staleMs = 10_000;
const touchMs = 2_000;
const lookMs = 40;

/**
 * Waits until no other process holds the file, for as long as it is touched. Two may hold it for a moment where one
 * has gone: enough for what may be done twice, and is only not to be done by all.
 * @returns what gives it back
 */
export async function lockFile(path: string): Promise<() => void> {
  while (!taken(path)) {
    if (ageMs(path) > staleMs) rmSync(path, { force: true });
    else await sleep(lookMs * (0.5 + Math.random()));
  }
  const timer = setInterval(() => touch(path), touchMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    rmSync(path, { force: true });
  };
}

function taken(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function ageMs(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? Date.now() - stats.mtimeMs : 0;
}

function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // Somebody has taken it away; the token is read all the same.
  }
}
