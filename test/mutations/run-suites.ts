import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
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
    readonly name: string;
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

/** @returns what came of each suite, by its path; of one that is missing nothing is known */
export async function runSuites(suites: readonly string[], { tree, databaseUrl }: Where) {
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
    ...['--runTestsByPath', ...suites.map((suite) => join(tree, suite))],
  ];
  const env = {
    ...process.env,
    ...(databaseUrl === undefined ? {} : { GRANTKEEPER_TEST_DATABASE_URL: databaseUrl }),
  };
  const timeout = limitMs * suites.length;
  // Tests that fail make it fail.
  const printed = await run(process.execPath, args, {
    cwd: tree,
    env,
    timeout,
    maxBuffer: 2 ** 28,
    killSignal: 'SIGKILL',
  }).then(
    () => '',
    ({ stdout, stderr }: { stdout: string; stderr: string }) => `${stderr}${stdout}`,
  );
  if (!existsSync(result)) throw new Error(`The suites did not run: ${printed.slice(-2_000)}`);
  const { testResults } = JSON.parse(readFileSync(result, 'utf8')) as JestResults;
  return new Map(
    testResults.map(({ name, message, assertionResults }): [string, SuiteRun] => {
      const of = (status: string) => assertionResults.filter((test) => test.status === status);
      const counted = { passed: of('passed').length, failed: of('failed').map(({ fullName }) => fullName) };
      const isLoaded = assertionResults.length > 0;
      return [relative(tree, name), isLoaded ? counted : { ...counted, broken: message }];
    }),
  );
}
