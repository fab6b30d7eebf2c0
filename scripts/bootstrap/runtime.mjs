// @ts-check
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { ROOT, RUNTIME } from '../lib/paths.mjs';
import { codeOf, UserError } from '../lib/user-error.mjs';
import { npmCi } from './npm-ci.mjs';

/** TypeORM 1.1 needs it; the same as `engines` in package.json. */
const MINIMUM = { major: 24, minor: 11 };
const MINIMUM_TEXT = `Node.js ${MINIMUM.major}.${MINIMUM.minor} or newer`;
const NONE_TO_FETCH = `${MINIMUM_TEXT} is needed; none can be fetched for ${process.platform}-${process.arch}`;
const MANIFESTS = join(ROOT, 'scripts', 'runtime');
/** A folder that has stood still for so long is nobody's download any more. */
const STALE_MS = 3_600_000;

/**
 * The Node everything below runs on: the host's where it is recent enough, otherwise one from npm, pinned and
 * verified by the lock in `scripts/runtime`, kept in `.runtime`.
 *
 * @returns {Promise<{ node: string, env: NodeJS.ProcessEnv }>} `env` has that Node first on its PATH
 */
export async function ensureRuntime() {
  if (isRecentEnough()) return runtimeOf(process.execPath);
  const lock = readFileSync(join(MANIFESTS, 'package-lock.json'));
  const home = join(RUNTIME, `node-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`);
  if (!existsSync(home)) await fetchInto(home);
  const node = findNode(home);
  if (node !== undefined) return runtimeOf(node);
  rmSync(home, { recursive: true, force: true });
  throw new UserError(NONE_TO_FETCH);
}

/**
 * A folder of the final name is complete: it is filled under another one, so that a download cut short leaves
 * nothing that looks usable. Of two starts that fetch at once, the first to finish gives the folder.
 *
 * @param {string} home
 */
async function fetchInto(home) {
  const partial = join(RUNTIME, `node-partial-${process.pid}`);
  try {
    cpSync(MANIFESTS, partial, { recursive: true });
    for (const name of readdirSync(RUNTIME)) {
      const path = join(RUNTIME, name);
      if (name.startsWith('node-') && path !== home && statSync(path).mtimeMs < Date.now() - STALE_MS)
        removeOld(path);
    }
  } catch (error) {
    throw new UserError(`cannot write to ${RUNTIME} (${codeOf(error) ?? error})`);
  }
  try {
    const networkFailure = await npmCi(
      partial,
      `Fetching ${MINIMUM_TEXT} (this is ${process.versions.node})`,
      { node: process.execPath, env: process.env },
      ['--ignore-scripts', '--include=optional'],
    );
    const node = findNode(partial);
    if (node === undefined) {
      const unreachable = `fetching ${MINIMUM_TEXT} failed: the npm registry could not be reached`;
      throw new UserError(networkFailure ? `${unreachable} (${networkFailure})` : NONE_TO_FETCH);
    }
    assertRuns(node);
    if (!existsSync(home)) renameSync(partial, home);
  } finally {
    removeOld(partial);
  }
}

/**
 * Clears away what is not needed any more; an npm that outlived its killed bootstrap may still be writing there,
 * and then the next fetch clears it.
 *
 * @param {string} folder
 */
function removeOld(folder) {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    if (codeOf(error) !== 'ENOTEMPTY') throw error;
  }
}

/** @param {string} node */
function assertRuns(node) {
  try {
    execFileSync(node, ['--version']);
  } catch (error) {
    throw new UserError(`the fetched Node.js does not run here (${codeOf(error)}); install ${MINIMUM_TEXT}`);
  }
}

/** @param {string} home */
function findNode(home) {
  const modules = join(home, 'node_modules');
  if (!existsSync(modules)) return undefined;
  return readdirSync(modules)
    .map((name) => join(modules, name, 'bin', 'node'))
    .find((path) => existsSync(path));
}

function isRecentEnough() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > MINIMUM.major || (major === MINIMUM.major && minor >= MINIMUM.minor);
}

/** @param {string} node */
function runtimeOf(node) {
  const path = process.env.PATH ?? '';
  const bin = dirname(node);
  const env =
    path.split(delimiter)[0] === bin ? process.env : { ...process.env, PATH: `${bin}${delimiter}${path}` };
  return { node, env };
}
