import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { STOP_SIGNALS } from '../lib/run-child.mjs';
import { UserError } from '../lib/user-error.mjs';

const NETWORK_CODE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)\b/;
const PROGRESS_TERMINAL_MS = 200;
const PROGRESS_LOG_MS = 10_000;

const FAILED_ATTEMPT = /^npm http fetch .* attempt \d+ failed with (\w+)/;

/** For every run of npm: its progress is read from the log of its requests. */
const FLAGS = [
  '--loglevel=http',
  '--no-audit',
  '--no-fund',
  '--no-update-notifier',
  '--fetch-retries=3',
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=8000',
];

/**
 * @typedef {{ what: string, packages: number, node: string, env: NodeJS.ProcessEnv, args?: string[] }} Options
 *   `packages`: how many the lock names, for the progress; `node`: the one npm itself runs on
 */

/**
 * `npm ci` in a folder, with its progress in one line and its failure in one line.
 *
 * A registry that lacks the builds for some other platform makes a lock without them, which `npm ci` refuses.
 * `npm install --no-save` takes the same versions, checks the same hashes, and leaves the lock as it is.
 *
 * @param {string} cwd
 * @param {Options} options
 * @returns {Promise<{ networkFailure: string | undefined }>} the last failed request, if any failed: npm does not
 *   mind when that costs an optional package
 */
export async function npmCi(cwd, options) {
  let { outcome, complaints, networkFailure } = await runNpm(cwd, ['ci'], options);
  if (complaints.some((line) => /^code EUSAGE/.test(line))) {
    process.stderr.write(
      `${options.what}: the lock does not name every platform, so by npm install instead\n`,
    );
    ({ outcome, complaints, networkFailure } = await runNpm(cwd, ['install', '--no-save'], options));
  }
  if (outcome !== 0) throw new UserError(`${options.what} failed: ${explain(outcome, complaints)}`);
  return { networkFailure };
}

/**
 * @param {string} cwd
 * @param {string[]} command
 * @param {Options} options
 * @returns {Promise<{ outcome: string | number | null, complaints: string[], networkFailure: string | undefined }>}
 *   `outcome`: npm's exit code, or why there is none
 */
async function runNpm(cwd, command, { what, packages, node, env, args = [] }) {
  const [file, ...npmArgs] = npmCommand(node);
  const child = spawn(file, [...npmArgs, ...command, '--prefix', cwd, ...FLAGS, ...args], {
    cwd,
    env: withoutNpmState(env),
    stdio: ['ignore', 'ignore', 'pipe'],
    shell: file.endsWith('.cmd'),
  });
  const progress = showProgress(what, packages);
  /** @type {string[]} */
  const complaints = [];
  /** @type {string | undefined} */
  let networkFailure;
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (/^npm http fetch GET 200 .*\.tgz/.test(line)) progress.step();
    else if (FAILED_ATTEMPT.test(line)) networkFailure = line.match(FAILED_ATTEMPT)?.[1];
    else if (/^npm (error|ERR!)/.test(line)) complaints.push(line.replace(/^npm (error|ERR!) ?/, ''));
  });
  const signalled = onStopSignal((signal) => child.kill(signal));
  /** @type {string | number | null} */
  const outcome = await new Promise((resolve) => {
    child.on('error', (error) => resolve(`npm could not be started (${error.message}); is npm on the PATH?`));
    child.on('close', (code) => resolve(code));
  });
  progress.end();
  signalled.forget();
  if (signalled.signal !== undefined) throw new UserError(`${what} was interrupted`, 130);
  return { outcome, complaints, networkFailure };
}

/**
 * @param {string | number | null} outcome
 * @param {string[]} complaints
 */
function explain(outcome, complaints) {
  if (typeof outcome === 'string') return outcome;
  const network = complaints.join('\n').match(NETWORK_CODE);
  if (network) return `the npm registry could not be reached (${network[1]})`;
  const reason = complaints.filter((line) => line.trim() !== '' && !line.startsWith('A complete log'));
  return reason.length > 0 ? reason.slice(0, 4).join(' · ') : `npm ci ended with ${outcome}`;
}

/**
 * The npm we were started by, run by the Node we chose; the one on the PATH when started without npm.
 *
 * @param {string} node
 */
function npmCommand(node) {
  const started = process.env.npm_execpath;
  if (started !== undefined && /npm-cli\.[cm]?js$/.test(started)) return [node, started];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
}

/**
 * Inside `npm start` the environment says which package and script is running; an npm of our own must not take
 * that for its own. What a person configures (`npm_config_registry`) stays.
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

/**
 * @param {string} what
 * @param {number} total
 */
function showProgress(what, total) {
  const terminal = process.stderr.isTTY;
  const startedAt = Date.now();
  let done = 0;
  const line = () => {
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    return `${what}: ${Math.min(done, total)} of ${total} fetched, ${seconds} s`;
  };
  process.stderr.write(`${what} (npm ci)…${terminal ? '' : '\n'}`);
  const timer = setInterval(
    () => process.stderr.write(terminal ? `\r\x1b[K${line()}` : `${line()}\n`),
    terminal ? PROGRESS_TERMINAL_MS : PROGRESS_LOG_MS,
  );
  return {
    step: () => {
      done += 1;
    },
    end: () => {
      clearInterval(timer);
      if (terminal) process.stderr.write('\r\x1b[K');
      process.stderr.write(`${what}: ${Math.round((Date.now() - startedAt) / 1000)} s\n`);
    },
  };
}

/** @param {(signal: NodeJS.Signals) => void} act */
function onStopSignal(act) {
  /** @type {{ signal: NodeJS.Signals | undefined, forget(): void }} */
  const state = {
    signal: undefined,
    forget: () => {
      for (const signal of STOP_SIGNALS) process.removeListener(signal, handler);
    },
  };
  const handler = (/** @type {NodeJS.Signals} */ signal) => {
    state.signal = signal;
    act(signal);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, handler);
  return state;
}
