import { reportError } from './lib/user-error.mjs';
import { ensureBuilt } from './prepare/build.ts';
import { ensureInstalled, isPrunedInstall } from './prepare/install.ts';

/** Before every command: the packages, and the build where the command (`no`, `if-changed`, `always`) wants one. */
const [, , build] = process.argv;
try {
  if (!isPrunedInstall()) {
    await ensureInstalled();
    if (build !== 'no') await ensureBuilt(build === 'always');
  }
} catch (error) {
  process.exitCode = reportError(error);
}
