import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { ROOT, RUNTIME } from '../lib/paths.mjs';
import { codeOf, UserError } from '../lib/user-error.mjs';
import { exclusively } from './exclusively.mjs';
import { npmCi } from './npm-ci.mjs';

/** TypeORM 1.1 needs it; the same as `engines` in package.json. */
const MINIMUM = [24, 11];
const MINIMUM_TEXT = `Node.js ${MINIMUM.join('.')} or newer`;
const MANIFESTS = join(ROOT, 'scripts', 'runtime');

/**
 * @typedef {{ node: string, env: NodeJS.ProcessEnv }} Runtime `env` has that Node first on its PATH
 */

/**
 * The Node everything below runs on: the host's where it is recent enough, otherwise one from npm, pinned and
 * verified by the lock in `scripts/runtime`, kept in `.runtime`.
 *
 * @returns {Promise<Runtime>}
 */
export async function ensureRuntime() {
  if (isRecentEnough(process.versions.node)) return runtimeOf(process.execPath);
  const lock = readFileSync(join(MANIFESTS, 'package-lock.json'));
  const home = join(RUNTIME, `node-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`);
  if (!existsSync(home)) await exclusively(() => fetchInto(home));
  const node = findNode(home);
  if (node === undefined) {
    rmSync(home, { recursive: true, force: true });
    throw new UserError(
      `${MINIMUM_TEXT} is needed; none can be fetched for ${process.platform}-${process.arch}`,
    );
  }
  return runtimeOf(node);
}

/**
 * A folder of the final name is complete: it is filled under another one, so that a download cut short leaves
 * nothing that looks usable.
 *
 * @param {string} home
 */
async function fetchInto(home) {
  if (existsSync(home)) return;
  for (const name of readdirSync(RUNTIME)) {
    if (name.startsWith('node-')) removeOld(join(RUNTIME, name));
  }
  const partial = join(RUNTIME, `node-partial-${process.pid}`);
  mkdirSync(partial, { recursive: true });
  cpSync(MANIFESTS, partial, { recursive: true });
  const { networkFailure } = await npmCi(partial, {
    what: `Fetching ${MINIMUM_TEXT} (this is ${process.versions.node})`,
    packages: 1,
    node: process.execPath,
    env: process.env,
    args: ['--ignore-scripts', '--include=optional'],
  });
  const node = findNode(partial);
  if (node === undefined) {
    removeOld(partial);
    throw new UserError(
      networkFailure === undefined
        ? `${MINIMUM_TEXT} is needed; none can be fetched for ${process.platform}-${process.arch}`
        : `fetching ${MINIMUM_TEXT} failed: the npm registry could not be reached (${networkFailure})`,
    );
  }
  assertRuns(node);
  renameSync(partial, home);
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
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim().slice(1);
    if (isRecentEnough(version)) return;
    throw new UserError(`${MINIMUM_TEXT} is needed; the fetched one is ${version}`);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`the fetched Node.js does not run here (${codeOf(error)}); install ${MINIMUM_TEXT}`);
  }
}

/**
 * @param {string} home
 * @returns {string | undefined}
 */
function findNode(home) {
  const modules = join(home, 'node_modules');
  if (!existsSync(modules)) return undefined;
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  return readdirSync(modules)
    .map((name) => join(modules, name, 'bin', file))
    .find((path) => existsSync(path));
}

/** @param {string} version */
function isRecentEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1]);
}

/**
 * @param {string} node
 * @returns {Runtime}
 */
function runtimeOf(node) {
  const path = process.env.PATH ?? '';
  const bin = dirname(node);
  const env =
    path.split(delimiter)[0] === bin ? process.env : { ...process.env, PATH: `${bin}${delimiter}${path}` };
  return { node, env };
}
