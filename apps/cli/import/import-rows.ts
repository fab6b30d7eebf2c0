import { parse } from 'csv-parse/sync';
import { usageError } from '../cli.errors.js';

/** One connection to be made. */
export interface ImportRow {
  /** Line of a CSV file, or place in a list from 1. */
  readonly row: number;
  readonly tenant: string;
  readonly id: string;
  /** The request, apart from what is at fault. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly fault?: string;
}

const required = ['tenant', 'id', 'credential', 'grant'];
/** Beside `label:<key>`. The last ones are fields of other grants than refresh_token. */
const optional = [
  ...['subject', 'scope', 'refresh_token', 'renewal'],
  ...['username', 'password', 'login_hint', 'assertion_subject', 'return_url', 'phone_number'],
];

/** @throws CliError where the file as a whole cannot be read; what is wrong in a row is told with the row */
export function rowsIn(text: string, isJson: boolean): ImportRow[] {
  const rows = isJson ? jsonRows(text) : csvRows(text);
  const seen = new Map<string, number>();
  return rows.map((row) => {
    const key = `${row.tenant}/${row.id}`;
    const before = seen.get(key);
    if (before !== undefined && row.fault === undefined)
      return { ...row, fault: `${key} is in row ${before} already` };
    if (row.fault === undefined) seen.set(key, row.row);
    return row;
  });
}

function csvRows(text: string): ImportRow[] {
  const records = csv(text);
  const [head, ...rows] = records;
  const columns = head?.record.map((name) => name.trim()) ?? [];
  const problems = [
    ...required.filter((name) => !columns.includes(name)).map((name) => `the column ${name} is missing`),
    ...columns.filter((name) => !isKnown(name)).map((name) => `${name || 'an empty name'} is no column`),
    ...columns
      .filter((name, index) => columns.indexOf(name) !== index)
      .map((name) => `${name} is there twice`),
  ];
  if (problems.length > 0) throw usageError(`The first line is wrong: ${problems.join('; ')}.`);
  return rows.map(({ record, info: { lines } }) => {
    const cells = record.map((cell, index) => [columns[index] ?? '', cell] as const);
    const fault =
      record.length === columns.length
        ? undefined
        : `has ${record.length} columns in the place of ${columns.length}`;
    // An empty cell says nothing.
    return toRow(lines, Object.fromEntries(cells.filter(([, cell]) => cell !== '')), fault);
  });
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

function csv(text: string): CsvRecord[] {
  try {
    const options = { bom: true, info: true, relax_column_count: true, skip_empty_lines: true } as const;
    return parse(text, options) as unknown as CsvRecord[];
  } catch (error) {
    // Its message may show a cell.
    const { lines, code } = error as { lines?: number; code?: string };
    throw usageError(`The file is no CSV: ${code ?? 'it cannot be read'}, line ${lines ?? 1}.`);
  }
}

function jsonRows(text: string): ImportRow[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const list = parsed(text) ?? lines.flatMap((line) => parsed(line) ?? [undefined]);
  if (list.length === 0) throw usageError('The file must hold a list of objects, or one object a line.');
  return list.map((item: unknown, index) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item))
      return { row: index + 1, tenant: '', id: '', body: {}, fault: 'is no object' };
    const { labels, ...members } = item as Record<string, unknown>;
    const flat = Object.entries((labels ?? {}) as object).map(([name, value]) => [`label:${name}`, value]);
    return toRow(index + 1, { ...members, ...Object.fromEntries(flat) });
  });
}

function parsed(text: string): unknown[] | undefined {
  try {
    const document: unknown = JSON.parse(text);
    return Array.isArray(document) ? document : [document];
  } catch {
    return undefined;
  }
}

function toRow(row: number, members: Readonly<Record<string, unknown>>, fault?: string): ImportRow {
  const { tenant, ...rest } = members;
  const missing = required.filter((name) => !members[name]);
  const strange = Object.keys(members).filter((name) => !isKnown(name));
  const problems = [
    ...(fault === undefined ? [] : [fault]),
    ...missing.map((name) => `${name} is missing`),
    ...(fault === undefined ? strange.map((name) => `${name} is no known member`) : []),
  ];
  const labels = Object.entries(rest).filter(([name]) => name.startsWith('label:'));
  const fields = Object.entries(rest).filter(([name]) => !name.startsWith('label:'));
  return {
    row,
    tenant: String(tenant ?? ''),
    id: String(rest['id'] ?? ''),
    body: {
      ...Object.fromEntries(fields),
      ...(labels.length > 0
        ? { labels: Object.fromEntries(labels.map(([name, value]) => [name.slice('label:'.length), value])) }
        : {}),
    },
    ...(problems.length > 0 ? { fault: problems.join('; ') } : {}),
  };
}

function isKnown(name: string): boolean {
  return required.includes(name) || optional.includes(name) || /^label:./.test(name);
}
