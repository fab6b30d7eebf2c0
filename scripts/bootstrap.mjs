#!/usr/bin/env node
/**
 * Everything behind the npm scripts: brings the machine to the point where a command can run (a recent enough
 * Node, the packages, a build), then runs it. Plain JavaScript on purpose: it works on a fresh clone, on any
 * Node from 20 on, with nothing installed.
 */
import { ensureBuilt } from './bootstrap/build.mjs';
import { findCommand } from './bootstrap/commands.mjs';
import { ensureInstalled, isPrunedInstall } from './bootstrap/install.mjs';
import { ensureRuntime } from './bootstrap/runtime.mjs';
import { ROOT } from './lib/paths.mjs';
import { runChild } from './lib/run-child.mjs';
import { reportError } from './lib/user-error.mjs';

/** @param {string[]} argv */
async function main([name, ...args]) {
  const command = findCommand(name);
  const runtime = await ensureRuntime();
  if (!isPrunedInstall()) {
    await ensureInstalled(runtime);
    if (command.build !== 'no') await ensureBuilt(runtime, command.build === 'always');
  }
  if (command.argv === undefined) return 0;
  return await runChild(runtime.node, [...command.argv, ...args], {
    cwd: ROOT,
    env: runtime.env,
    ipc: command.ipc ?? false,
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = reportError(error);
}
