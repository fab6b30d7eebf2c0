import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sweepTestDatabases } from '../libs/testing/jest/database-server.ts';
import { findCommand } from '../scripts/bootstrap/commands.mjs';
import { ROOT } from '../scripts/lib/paths.mjs';
import { runChild } from '../scripts/lib/run-child.mjs';

const CHECKS = { Lint: 'lint', Types: 'typecheck' };

// Of the type checker, which is written in Go: it ends too soon to gain by giving back memory as it goes.
process.env['GOGC'] ??= '400';

const filter = process.argv.slice(2);
// Someone who names a suite wants its answer; the checks are for the whole.
const failedChecks = filter.length === 0 ? await runChecks() : 0;
const suites = await runSuites(filter);
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

async function runSuites(filter: string[]) {
  process.stdout.write('Tests…\n');
  const folder = mkdtempSync(join(tmpdir(), 'grantkeeper-result-'));
  const result = join(folder, 'result.json');
  try {
    const code = await runChild(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        // The workers have it too: less is copied from one young half of the heap to the other.
        '--max-semi-space-size=64',
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
function counted(file: string): { passed: number; failed: number } {
  try {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(
      readFileSync(file, 'utf8'),
    );
    return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
