import { lockFolder } from '../lib/lock.ts';
import { RUNTIME } from '../lib/paths.mjs';
import { codeOf, UserError } from '../lib/user-error.mjs';

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
