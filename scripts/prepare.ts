import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DIST, NODE_MODULES, ROOT } from './lib/paths.mjs';
import { reportError } from './lib/user-error.mjs';

/** Before every command: the packages, and the build where the command (`no`, `if-changed`, `always`) wants one. */
const [, , build] = process.argv;
try {
  if (!isPrunedInstall()) {
    // Not before: an image has no sources, and these take one file from them.
    const { ensureInstalled } = await import('./prepare/install.ts');
    await ensureInstalled();
    const { ensureBuilt } = await import('./prepare/build.ts');
    if (build !== 'no') await ensureBuilt(build === 'always');
  }
} catch (error) {
  process.exitCode = reportError(error);
}

/**
 * A production image: built, then freed of the development packages. Nothing can be rebuilt there and nothing
 * has to be; installing again would only bring those packages back.
 */
function isPrunedInstall(): boolean {
  return (
    process.env['NODE_ENV'] === 'production' &&
    existsSync(DIST) &&
    existsSync(NODE_MODULES) &&
    !(existsSync(join(NODE_MODULES, '@swc', 'core')) && existsSync(join(ROOT, 'apps')))
  );
}
