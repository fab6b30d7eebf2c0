#!/usr/bin/env node
import { runCli } from './cli.js';
import { processTerminal } from './terminal.js';

// Given by a script, its own argument stands before those of the command.
const args = process.argv.slice(process.argv[1]?.endsWith('role.ts') ? 3 : 2);
process.exitCode = await runCli(args, processTerminal());
