import { CliError, usageError } from '../cli.errors.js';
import type { Options } from '../resources/field-values.js';
import type { Session } from '../session.js';
import { pathFrom } from '../terminal.js';
import { textIn } from '../text/document-file.js';
import { safeText } from '../text/safe-text.js';
import { importRow, type RowResult } from './import-row.js';
import { type ImportRow, rowsIn } from './import-rows.js';
import { Progress } from './progress.js';

/** @returns whether a row was refused */
export async function runImport(session: Session, options: Options, path = ''): Promise<boolean> {
  const concurrency = Number(options['concurrency'] ?? 4);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 64)
    throw usageError('--concurrency takes a whole number from 1 to 64.');
  const text = textIn(session.terminal, path === '-' ? '-' : pathFrom(session.terminal, path));
  const rows = rowsIn(text, /\.(?:json|ndjson|jsonl)$/i.test(path) || /^\s*[[{]/.test(text));
  const isDryRun = options['dryRun'] === true;
  const results: RowResult[] = [];
  const progress = new Progress(session.terminal, rows.length);
  let lost: CliError | undefined;
  try {
    await inTurns(rows, concurrency, async (row) => {
      const result = await importRow(session.api, row, isDryRun);
      results.push(result);
      progress.step();
      if (!session.json) session.terminal.out(lineOf(result));
    });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    lost = error;
  }
  progress.end();
  return summary(session, rows.length, results, lost);
}

/** So many at once; after one has failed no further row is begun. */
async function inTurns(
  rows: readonly ImportRow[],
  concurrency: number,
  act: (row: ImportRow) => Promise<void>,
): Promise<void> {
  const left = [...rows];
  const worker = async () => {
    for (let row = left.shift(); row !== undefined; row = left.shift()) {
      await act(row).catch((error: unknown) => {
        left.length = 0;
        throw error;
      });
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: concurrency }, worker));
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

function lineOf({ row, tenant, id, result, detail }: RowResult): string {
  const name = tenant === '' && id === '' ? '' : ` ${tenant}/${id}`;
  return `${safeText(`row ${row}${name}: ${result}${detail === undefined ? '' : `: ${detail}`}`)}\n`;
}

function summary(session: Session, total: number, results: RowResult[], lost: CliError | undefined): boolean {
  results.sort((a, b) => a.row - b.row);
  const count = (wanted: RowResult['result']) => results.filter(({ result }) => result === wanted).length;
  const counts = {
    rows: total,
    made: count('made'),
    would_be_made: count('would be made'),
    pending: count('pending'),
    exists: count('exists'),
    refused: count('refused'),
    left: total - results.length,
  };
  session.print({ ...counts, results }, () => {
    const words = Object.entries(counts).filter(([name, value]) => value > 0 || name === 'made');
    return `${words.map(([name, value]) => `${value} ${name.replaceAll('_', ' ')}`).join(', ')}\n`;
  });
  if (lost) {
    const remedy =
      `${lost.problem.remedy ?? ''} Run the same import again: it goes on where it ended.`.trim();
    throw new CliError(lost.exitCode, { ...lost.problem, remedy });
  }
  return counts.refused > 0;
}
