// @ts-check
import { UserError } from '../lib/user-error.mjs';

const BIOME = 'node_modules/@biomejs/biome/bin/biome';

/**
 * @typedef {object} Command
 * @property {string[]} [argv] what Node runs, relative to the checkout; absent: installing and building was all
 * @property {'no' | 'if-changed' | 'always'} build
 * @property {boolean} [ipc] stops by itself when its launcher dies
 */

/** @type {Record<string, Command>} */
const COMMANDS = {
  start: { argv: ['scripts/start.ts'], build: 'if-changed', ipc: true },
  'start:api': { argv: ['scripts/role.ts', 'api'], build: 'if-changed', ipc: true },
  'start:worker': { argv: ['scripts/role.ts', 'worker'], build: 'if-changed', ipc: true },
  audit: { argv: ['scripts/role.ts', 'audit'], build: 'if-changed' },
  migrate: { argv: ['scripts/migrate.ts'], build: 'if-changed' },
  test: { argv: ['scripts/test.ts'], build: 'if-changed' },
  'test:crash': { argv: ['scripts/test-crash.ts'], build: 'if-changed' },
  bench: { argv: ['test/bench/main.mjs'], build: 'if-changed' },
  build: { build: 'always' },
  lint: { argv: [BIOME, 'check'], build: 'no' },
  format: { argv: [BIOME, 'check', '--write'], build: 'no' },
  typecheck: { argv: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], build: 'no' },
};

/** @param {string | undefined} name */
export function findCommand(name) {
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return command;
  const known = Object.keys(COMMANDS).join(', ');
  throw new UserError(
    name === undefined ? `no command given; one of: ${known}` : `unknown command "${name}"; one of: ${known}`,
    2,
  );
}
