import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { acquireLock } from '../lib/lock.ts';
import { RUNTIME } from '../lib/paths.mjs';
import { codeOf, UserError } from '../lib/user-error.mjs';

/**
 * Runs one preparation step while no other start in this checkout does any (two replicas started at once). The lock
 * is taken only when something has to be done, so the step has to look again whether it still has to.
 */
export async function exclusively(step: () => Promise<void>): Promise<void> {
  let announced = false;
  const lock = await takeLock(() => {
    if (!announced) process.stderr.write('grantkeeper: waiting for another start to finish preparing…\n');
    announced = true;
    return true;
  });
  try {
    await step();
  } finally {
    lock.release();
  }
}

async function takeLock(mayWait: () => boolean) {
  try {
    mkdirSync(RUNTIME, { recursive: true });
    return await acquireLock(join(RUNTIME, 'bootstrap.lock'), mayWait);
  } catch (error) {
    throw new UserError(`cannot write to ${RUNTIME} (${codeOf(error) ?? error})`);
  }
}
