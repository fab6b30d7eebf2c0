// @ts-check
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChild, STOP_SIGNALS } from '../lib/run-child.mjs';
import { UserError } from '../lib/user-error.mjs';

const FAILED_REQUEST = /http fetch .* attempt \d+ failed with (\w+)/;

/**
 * `npm ci` in a folder. A registry that lacks the builds for some other platform makes a lock without them, which
 * `npm ci` refuses. `npm install --no-save` takes the same versions, checks the same hashes, and leaves the lock as
 * it is.
 *
 * @param {string} cwd
 * @param {string} what shown to the person who waits
 * @param {{ node: string, env: NodeJS.ProcessEnv }} runtime `node`: the one npm itself runs on
 * @param {string[]} args
 * @returns {Promise<string | undefined>} how the last failed request failed, if any did: npm does not mind when that
 *   costs an optional package
 */
export async function npmCi(cwd, what, runtime, args) {
  process.stderr.write(`${what} (npm ci)…\n`);
  // An npm that is interrupted during an install script ends with 1, like any other failure.
  let interrupted = false;
  const note = () => {
    interrupted = true;
  };
  for (const signal of STOP_SIGNALS) process.on(signal, note);
  let { code, log } = await runNpm(cwd, ['ci', ...args], runtime);
  if (log.includes('error code EUSAGE')) {
    process.stderr.write(`${what}: the lock does not name every platform, so by npm install instead\n`);
    ({ code, log } = await runNpm(cwd, ['install', '--no-save', ...args], runtime));
  }
  for (const signal of STOP_SIGNALS) process.removeListener(signal, note);
  if (interrupted || code > 128) throw new UserError(`${what} was interrupted`, 130);
  const networkFailure = log.match(FAILED_REQUEST)?.[1];
  if (code === 0) return networkFailure;
  throw new UserError(
    networkFailure === undefined
      ? `${what} failed: npm ended with ${code}`
      : `${what} failed: the npm registry could not be reached (${networkFailure})`,
  );
}

/**
 * All that npm says goes to stderr, with its own progress where that is a terminal. The returned log says what it met.
 *
 * @param {string} cwd
 * @param {string[]} args
 * @param {{ node: string, env: NodeJS.ProcessEnv }} runtime
 */
async function runNpm(cwd, args, { node, env }) {
  const [file, ...npmArgs] = npmCommand(node);
  const logs = mkdtempSync(join(tmpdir(), 'grantkeeper-npm-'));
  const code = await runChild(
    file,
    [...npmArgs, ...args, '--prefix', cwd, '--logs-dir', logs, '--loglevel=error'],
    {
      cwd,
      env: withoutNpmState(env),
      stdio: ['ignore', 2, 2],
    },
  );
  const log = readdirSync(logs).map((name) => readFileSync(join(logs, name), 'utf8'));
  // When npm has failed it has just told the person where its log is.
  if (code === 0) rmSync(logs, { recursive: true, force: true });
  return { code, log: log.join('\n') };
}

/**
 * The npm we were started by, run by the Node we chose; the one on the PATH when started without npm.
 *
 * @param {string} node
 * @returns {[string, ...string[]]}
 */
function npmCommand(node) {
  const started = process.env.npm_execpath;
  if (started !== undefined && /npm-cli\.[cm]?js$/.test(started)) return [node, started];
  return ['npm'];
}

/**
 * Inside `npm start` the environment says which package and script is running; an npm of our own must not take
 * that for its own. A person's own settings (`npm_config_registry`) stay.
 *
 * @param {NodeJS.ProcessEnv} env
 */
function withoutNpmState(env) {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) =>
        !/^npm_(package|lifecycle|command|node)/.test(name) &&
        !/^npm_config_(local_prefix|prefix|global_prefix|loglevel)$/.test(name),
    ),
  );
}
