import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { FolderLock } from '../../libs/journal/folder-lock.ts';

/**
 * Waits until a folder is ours. A lock whose holder has gone is taken over.
 *
 * @param onHeld called again and again while somebody else holds the lock; gives up by throwing
 */
export async function lockFolder(folder: string, onHeld: (waitedMs: number) => void): Promise<FolderLock> {
  mkdirSync(folder, { recursive: true });
  const askedAtMs = performance.now();
  for (;;) {
    const lock = FolderLock.take(folder);
    if (lock !== undefined) return lock;
    onHeld(performance.now() - askedAtMs);
    await sleep(100);
  }
}
