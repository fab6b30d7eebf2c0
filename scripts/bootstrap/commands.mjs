// @ts-check
import { UserError } from '../lib/user-error.mjs';

const BIOME = 'node_modules/@biomejs/biome/bin/biome';
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
  'start:api': { argv: [SMALL_YOUNG, 'scripts/role.ts', 'api'], build: 'if-changed', ipc: true },
  'start:worker': { argv: [SMALL_YOUNG, 'scripts/role.ts', 'worker'], build: 'if-changed', ipc: true },
  cli: { argv: ['scripts/role.ts', 'cli'], build: 'if-changed' },
  audit: { argv: ['scripts/role.ts', 'cli', 'audit'], build: 'if-changed' },
  migrate: { argv: ['scripts/migrate.ts'], build: 'if-changed' },
  test: { argv: ['test/run.ts'], build: 'if-changed' },
  ...longTests({
    crash: 'test/crash/',
    attacks: 'test/attacks/',
    tenancy: 'test/security/tenancy',
    rls: 'test/security/rls',
    writer: 'test/security/writer',
    ssrf: 'test/security/ssrf',
    limits: 'test/security/limits',
    audit: 'test/security/audit',
    keyrotate: 'test/security/keyrotate',
    regex: 'test/security/regex',
    fuzz: 'test/security/fuzz',
    soak: 'test/soak/',
  }),
  'test:mutations': { argv: ['test/mutations/main.ts'], build: 'if-changed' },
  bench: { argv: ['test/bench/main.mjs'], build: 'if-changed' },
  build: { build: 'always' },
  lint: { argv: [BIOME, 'check'], build: 'no' },
  format: { argv: [BIOME, 'check', '--write'], build: 'no' },
  typecheck: { argv: ['node_modules/typescript/bin/tsc', '-b', '.', 'apps/console'], build: 'no' },
};

/** @param {string | undefined} name */
export function findCommand(name) {
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return command;
  const problem = name === undefined ? 'no command given' : `unknown command "${name}"`;
  throw new UserError(`${problem}; one of: ${Object.keys(COMMANDS).join(', ')}`, 2);
}

/**
 * @param {Record<string, string>} paths what the paths of each command's suites contain
 * @returns {Record<string, Command>}
 */
function longTests(paths) {
  return Object.fromEntries(
    Object.entries(paths).map(([name, path]) => [
      `test:${name}`,
      { argv: ['test/run-long.ts', path], build: 'if-changed' },
    ]),
  );
}
