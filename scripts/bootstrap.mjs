#!/usr/bin/env node
// @ts-check
/**
 * Everything behind the npm scripts: finds a recent enough Node, has it install and build what is missing, then has
 * it run the command. It imports only plain JavaScript, because that has to run on Node 20, on a fresh clone,
 * with nothing installed; all other scripts are TypeScript, which the newer Node runs as it is.
 */
import { findCommand } from './bootstrap/commands.mjs';
import { ensureRuntime } from './bootstrap/runtime.mjs';
import { ROOT } from './lib/paths.mjs';
import { runChild } from './lib/run-child.mjs';
import { reportError } from './lib/user-error.mjs';

/** @param {string[]} argv */
async function main([name, ...args]) {
  const command = findCommand(name);
  const { node, env } = await ensureRuntime();
  const prepared = await runChild(node, ['scripts/prepare.ts', command.build], { cwd: ROOT, env });
  if (prepared !== 0 || command.argv === undefined) return prepared;
  return await runChild(node, [...command.argv, ...args], {
    cwd: ROOT,
    env,
    stdio: command.ipc ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit',
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = reportError(error);
}
