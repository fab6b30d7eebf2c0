import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { sweepTestDatabases } from '../libs/testing/jest/database-server.ts';
import { findCommand } from '../scripts/bootstrap/commands.mjs';
import { ROOT } from '../scripts/lib/paths.mjs';
import { runChild } from '../scripts/lib/run-child.mjs';

const CHECKS = { Lint: 'lint', Types: 'typecheck' };

/** So many suites, at most, are run again by themselves; more than these have failed for a reason. */
const mostUnstable = 3;

const filter = process.argv.slice(2);
// Someone who names a suite wants its answer; the checks are for the whole.
const failedChecks = filter.length === 0 ? await runChecks() : 0;
const suites = filter.length === 0 ? await runAllSuites() : await runSuites(filter);
await sweepTestDatabases();
const failed = suites.failed + failedChecks;
process.stdout.write(`${suites.passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || suites.code !== 0 ? 1 : 0;

/** @returns how many failed; each then counts like a failed test */
async function runChecks(): Promise<number> {
  process.stdout.write(`${Object.keys(CHECKS).join(', ')}…\n`);
  const codes = await Promise.all(
    Object.values(CHECKS).map((name) =>
      runChild(process.execPath, findCommand(name).argv ?? [], { cwd: ROOT, env: process.env }),
    ),
  );
  return codes.filter((code) => code !== 0).length;
}

/**
 * A suite that fails beside others is run again with nothing beside it. Where it passes then, its tests depend on how
 * fast the machine is: it is named as unstable, to be mended, and does not hold up the change.
 */
async function runAllSuites(): Promise<Outcome> {
  const whole = await runSuites([]);
  const { failedSuites } = whole;
  if (failedSuites.length === 0 || failedSuites.length > mostUnstable) return whole;
  process.stdout.write(`Again, by themselves: ${failedSuites.join(', ')}\n`);
  const again = await runSuites(['--runInBand', '--runTestsByPath', ...failedSuites]);
  if (again.code !== 0) return whole;
  process.stdout.write(`UNSTABLE, failed beside others and passed alone: ${failedSuites.join(', ')}\n`);
  return { ...again, passed: whole.passed + whole.failed };
}

interface Outcome {
  readonly code: number;
  readonly passed: number;
  readonly failed: number;
  /** Paths in the checkout. */
  readonly failedSuites: readonly string[];
}

async function runSuites(filter: readonly string[]): Promise<Outcome> {
  process.stdout.write('Tests…\n');
  const folder = mkdtempSync(join(tmpdir(), 'grantkeeper-result-'));
  const result = join(folder, 'result.json');
  try {
    const code = await runChild(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        'node_modules/jest/bin/jest.js',
        '--json',
        '--outputFile',
        result,
        ...filter,
      ],
      { cwd: ROOT, env: process.env },
    );
    return { code, ...counted(result) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A suite that could not even be loaded has no tests to count, and counts as one that failed. */
function counted(file: string): Omit<Outcome, 'code'> {
  try {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, testResults } = JSON.parse(
      readFileSync(file, 'utf8'),
    );
    const failedSuites = (testResults as readonly { name: string; status: string }[])
      .filter(({ status }) => status === 'failed')
      .map(({ name }) => relative(ROOT, name));
    return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites, failedSuites };
  } catch {
    return { passed: 0, failed: 1, failedSuites: [] };
  }
}
