// @ts-check
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { UserError } from './user-error.mjs';

/** @type {NodeJS.Signals[]} */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const PARENT_CHECK_MS = 250;

/**
 * Runs a command as our own continuation: its terminal is ours, a signal to us is a signal to it, and its exit
 * code becomes ours. Ctrl-C reaches it once from the terminal and again through us; it has to bear that.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, stdio?: import('node:child_process').StdioOptions }}
 *   options with an `ipc` channel in `stdio` the child notices our death, even a `kill -9`, by the channel closing
 * @returns {Promise<number>} its exit code, 128 + n when signal n ended it
 */
export function runChild(file, args, options) {
  const child = spawn(file, args, { stdio: 'inherit', ...options });
  const forward = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
  for (const signal of STOP_SIGNALS) process.on(signal, forward);
  const stopWatching = watchParent(() => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new UserError(`${file} could not be started: ${error.message}`)));
    child.on('exit', (code, signal) => {
      for (const name of STOP_SIGNALS) process.removeListener(name, forward);
      stopWatching();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/**
 * Under npm our parent is npm or its shell; when that is killed outright nobody forwards signals any more, so
 * its end counts as one. Started by hand, a parent that goes away means nothing (`nohup`, a closed shell).
 *
 * @param {() => void} onGone
 */
function watchParent(onGone) {
  if (process.env.npm_lifecycle_event === undefined) return () => {};
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, PARENT_CHECK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
