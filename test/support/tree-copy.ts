import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
/** A calm machine takes a tenth of it. */
const limitMs = 280_000;

/** A repository that the environment names, as in a hook, is not the copy's. */
const outside = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));

/** A copy of what git tracks, as one commit, in which a test follows a recipe of CONTRIBUTING.md. */
export interface TreeCopy {
  readonly folder: string;
  /** Writes a new file. */
  write(file: string, text: string): void;
  /** Puts text in front of the only place where `before` stands. */
  insert(file: string, before: string, text: string): void;
  /** Files that differ from the commit, new ones included, by `git diff --numstat`. */
  changedFiles(): string[];
  /** @returns what the type checker says about these folders and all they import: nothing when they are right */
  typeErrors(folders: readonly string[]): Promise<string>;
  /** Makes what has changed a part of the commit. */
  commit(): void;
  /** Runs suites of the copy with the PostgreSQL server of this test run. @returns what came of each, by its file */
  runSuites(files: readonly string[]): Promise<ReadonlyMap<string, SuiteResult>>;
  remove(): void;
}

export interface SuiteResult {
  /** Tests. */
  readonly passed: number;
  /** The words of jest about those that failed; empty where none did. */
  readonly failed: string;
}

/** Of the members of a suite in jest's JSON, those that are read here. */
interface JestResult {
  readonly name: string;
  readonly message: string;
  readonly assertionResults: readonly { readonly status: string }[];
}

export function copyTree(): TreeCopy {
  const tree = mkdtempSync(join(tmpdir(), 'grantkeeper-recipe-'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'commit.gpgsign=false', ...args], {
      cwd: tree,
      encoding: 'utf8',
      env: outside,
    });
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0');
  for (const file of tracked.filter((name) => name !== '' && name !== 'node_modules')) {
    cpSync(join(root, file), join(tree, file));
  }
  const commit = () => {
    git('add', '-A');
    git('-c', 'user.name=test', '-c', 'user.email=test@localhost', 'commit', '--quiet', '-m', 'So far');
  };
  git('init', '--quiet');
  commit();
  writeFileSync(join(tree, '.git/info/exclude'), 'node_modules\n');
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));

  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), text);
  };
  return {
    folder: tree,
    write,
    commit,
    insert: (file, before, text) => {
      const parts = readFileSync(join(tree, file), 'utf8').split(before);
      if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} places before ${before}.`);
      write(file, parts.join(text + before));
    },
    changedFiles: () => {
      git('add', '-A');
      const lines = git('diff', '--cached', '--numstat').trimEnd().split('\n');
      return lines.map((line) => line.split('\t')[2] ?? '').sort();
    },
    typeErrors: async (folders) => {
      const config = { extends: './tsconfig.json', include: folders };
      writeFileSync(join(tree, 'tsconfig.part.json'), JSON.stringify(config));
      const tsc = join(root, 'node_modules/typescript-7/bin/tsc');
      return printedBy([tsc, '--singleThreaded', '-p', 'tsconfig.part.json'], tree);
    },
    runSuites: async (files) => {
      const { default: config } = await import(pathToFileURL(join(tree, 'jest.config.js')).href);
      const { globalSetup, globalTeardown, testSequencer, ...own } = config;
      const result = join(tree, 'result.json');
      const output = await printedBy(
        [
          ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
          ...[
            join(root, 'node_modules/jest/bin/jest.js'),
            '--runInBand',
            '--forceExit',
            '--json',
            '--outputFile',
            result,
          ],
          ...['--config', JSON.stringify({ ...own, rootDir: tree }), '--runTestsByPath'],
          ...files.map((file) => join(tree, file)),
        ],
        tree,
      );
      if (!existsSync(result)) throw new Error(output);
      const { testResults } = JSON.parse(readFileSync(result, 'utf8')) as { testResults: JestResult[] };
      return new Map(
        testResults.map(({ name, message, assertionResults }) => [
          relative(tree, name),
          { passed: assertionResults.filter(({ status }) => status === 'passed').length, failed: message },
        ]),
      );
    },
    remove: () => rmSync(tree, { recursive: true, force: true }),
  };
}

/** @returns all that a script that fails prints; nothing when it succeeds */
function printedBy(args: readonly string[], cwd: string): Promise<string> {
  return run(process.execPath, args, { cwd, env: process.env, timeout: limitMs, killSignal: 'SIGKILL' }).then(
    () => '',
    ({ stdout, stderr }: { stdout: string; stderr: string }) => `failed: ${stderr}${stdout}`,
  );
}
