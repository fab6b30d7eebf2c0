import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { FolderLock } from '../../libs/journal/folder-lock.ts';
import { RUNTIME } from './paths.mjs';
import { codeOf, UserError } from './user-error.mjs';

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

/**
 * Runs one preparation step while no other start in this checkout does any (two replicas started at once). The lock
 * is taken only when something has to be done, so the step has to look again whether it still has to.
 */
export async function exclusively(step: () => Promise<void> | void): Promise<void> {
  let isAnnounced = false;
  const announce = () => {
    if (!isAnnounced) process.stderr.write('grantkeeper: waiting for another start to finish preparing…\n');
    isAnnounced = true;
  };
  try {
    const lock = await lockFolder(RUNTIME, announce);
    await Promise.resolve(step()).finally(() => lock.release());
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`cannot write to ${RUNTIME} (${codeOf(error) ?? error})`);
  }
}
