import { enableCompileCache } from 'node:module';
import { resolve } from 'node:path';
import { STOP_SIGNALS } from './lib/run-child.mjs';
import { reportError } from './lib/user-error.mjs';
import { bringDown, bringUp, type Installation } from './start/installation.ts';
import { readPlan } from './start/plan.ts';

/** Why everything ends when nothing is wrong. */
class StopRequested extends Error {}

// The larger part of a second start is compiling what the first one compiled already.
enableCompileCache(resolve(process.env['GRANTKEEPER_DATA_DIR'] || '.data', 'compile-cache'));

const ending = new AbortController();
const ended = new Promise<never>((_, reject) => {
  ending.signal.addEventListener('abort', () => reject(ending.signal.reason));
});
// It may come while nobody awaits it: the steps of a start look at the signal themselves.
ended.catch(() => {});
for (const signal of STOP_SIGNALS) process.on(signal, () => ending.abort(new StopRequested()));
// Our launcher is gone, even by `kill -9`: nobody will forward a signal any more.
process.on('disconnect', () => ending.abort(new StopRequested()));
// A closed terminal must not keep us from stopping in order.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

process.exit(await main());

/** @returns the exit code */
async function main(): Promise<number> {
  const installation: Installation = { apps: new Map() };
  let code = 0;
  try {
    await bringUp(installation, await readPlan(), ending, ended);
    await ended;
  } catch (error) {
    if (!(error instanceof StopRequested)) code = reportError(error);
  }
  try {
    await bringDown(installation);
  } catch (error) {
    code = Math.max(code, reportError(error));
  }
  return code;
}
