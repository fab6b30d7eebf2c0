// @ts-check
import { UserError } from '../lib/user-error.mjs';

const BIOME = 'node_modules/@biomejs/biome/bin/biome';
const TSC = 'node_modules/typescript-7/bin/tsc';
const SMALL_YOUNG = '--max-semi-space-size=8';

/**
 * @typedef {object} Command
 * @property {string[]} [argv] what Node runs, relative to the checkout; absent: installing and building was all
 * @property {'no' | 'if-changed' | 'always'} build
 * @property {boolean} [ipc] stops by itself when its launcher dies
 */

/** @type {Record<string, Command>} */
const COMMANDS = {
  start: { argv: ['scripts/start.ts'], build: 'if-changed', ipc: true },
  'start:api': { argv: [SMALL_YOUNG, 'dist/apps/api/main.js'], build: 'if-changed', ipc: true },
  'start:worker': { argv: [SMALL_YOUNG, 'dist/apps/worker/main.js'], build: 'if-changed', ipc: true },
  cli: { argv: ['dist/apps/cli/main.js'], build: 'if-changed' },
  audit: { argv: ['dist/apps/cli/main.js', 'audit'], build: 'if-changed' },
  migrate: { argv: ['scripts/migrate.ts'], build: 'if-changed' },
  test: { argv: ['test/run.ts'], build: 'if-changed' },
  'test:start': { argv: ['test/run-long.ts', 'test/e2e/start'], build: 'if-changed' },
  'test:crash': { argv: ['test/run-long.ts', 'test/crash/'], build: 'if-changed' },
  'test:soak': { argv: ['test/run-long.ts', 'test/soak/'], build: 'if-changed' },
  'test:attacks': { argv: ['test/run-long.ts', 'test/attacks/'], build: 'if-changed' },
  ...Object.fromEntries(
    ['tenancy', 'rls', 'writer', 'ssrf', 'limits', 'audit', 'keyrotate', 'regex', 'fuzz'].map((name) => [
      `test:${name}`,
      { argv: ['test/run-long.ts', `test/security/${name}`], build: 'if-changed' },
    ]),
  ),
  'test:mutations': { argv: ['test/mutations/main.ts'], build: 'if-changed' },
  bench: { argv: ['test/bench/main.mjs'], build: 'if-changed' },
  build: { build: 'always' },
  lint: { argv: [BIOME, 'check'], build: 'no' },
  format: { argv: [BIOME, 'check', '--write'], build: 'no' },
  typecheck: { argv: [TSC, '-b', '--singleThreaded', '.', 'apps/console'], build: 'no' },
};

/** @param {string | undefined} name */
export function findCommand(name) {
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return command;
  const problem = name === undefined ? 'no command given' : `unknown command "${name}"`;
  throw new UserError(`${problem}; one of: ${Object.keys(COMMANDS).join(', ')}`, 2);
}
