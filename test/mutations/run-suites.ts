import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Of the run of one suite, milliseconds. */
const limitMs = 240_000;

export interface SuiteRun {
  readonly passed: number;
  /** Full names of the tests. */
  readonly failed: readonly string[];
  /** Why the suite could not be loaded. */
  readonly broken?: string;
}

/** Of jest's JSON, what is read here. */
interface JestResults {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

export interface Where {
  /** A copy of the checkout. */
  readonly tree: string;
  /** A migrated PostgreSQL; absent: the run starts one of its own, from the schema of the tree. */
  readonly databaseUrl?: string;
}

/** @param tests parts of the names of those that are run; none: all. */
export async function runSuite(
  suite: string,
  tests: readonly string[],
  { tree, databaseUrl }: Where,
): Promise<SuiteRun> {
  const { default: all } = await import(pathToFileURL(join(tree, 'jest.config.js')).href);
  const { globalSetup, globalTeardown, testSequencer, ...own } = all;
  const config = {
    ...(databaseUrl === undefined ? { ...own, globalSetup, globalTeardown } : own),
    rootDir: tree,
  };
  const result = join(tree, 'result.json');
  rmSync(result, { force: true });
  const args = [
    ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    ...[join(tree, 'node_modules/jest/bin/jest.js'), '--config', JSON.stringify(config)],
    ...['--runInBand', '--forceExit', '--json', '--outputFile', result],
    ...(tests.length === 0 ? [] : ['--testNamePattern', tests.map(RegExp.escape).join('|')]),
    ...['--runTestsByPath', join(tree, suite)],
  ];
  const env = {
    ...process.env,
    ...(databaseUrl === undefined ? {} : { GRANTKEEPER_TEST_DATABASE_URL: databaseUrl }),
  };
  // Tests that fail make it fail.
  const printed = await run(process.execPath, args, {
    cwd: tree,
    env,
    timeout: limitMs,
    maxBuffer: 2 ** 28,
    killSignal: 'SIGKILL',
  }).then(
    () => '',
    ({ stdout, stderr }: { stdout: string; stderr: string }) => `${stderr}${stdout}`,
  );
  if (!existsSync(result)) throw new Error(`The suite did not run: ${printed.slice(-2_000)}`);
  const { testResults } = JSON.parse(readFileSync(result, 'utf8')) as JestResults;
  const [{ message = '', assertionResults = [] } = {}] = testResults;
  const of = (status: string) => assertionResults.filter((test) => test.status === status);
  const counted = { passed: of('passed').length, failed: of('failed').map(({ fullName }) => fullName) };
  return assertionResults.length > 0 ? counted : { ...counted, broken: message };
}
