import { CsvError, parse } from 'csv-parse/browser/esm/sync';

/** One connection to be made; the columns are those of `grantkeeper import`. */
export interface ImportRow {
  /** Line of the file. */
  readonly row: number;
  readonly id: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly fault?: string;
}

const required = ['id', 'credential', 'grant'];
export const columns = [
  ...['tenant', ...required, 'subject', 'scope', 'refresh_token', 'renewal'],
  ...['username', 'password', 'login_hint', 'assertion_subject', 'return_url', 'phone_number'],
];

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** @throws Error where the file as a whole cannot be read; what is wrong in a row is told with the row */
export function rowsIn(text: string, tenant: string): ImportRow[] {
  const [head, ...records] = csv(text);
  const names = head?.record.map((name) => name.trim()) ?? [];
  const problems = [
    ...required.filter((name) => !names.includes(name)).map((name) => `the column ${name} is missing`),
    ...names.filter((name) => !isKnown(name)).map((name) => `${name || 'an empty name'} is no column`),
    ...names.filter((name, at) => names.indexOf(name) !== at).map((name) => `${name} is there twice`),
  ];
  if (problems.length > 0) throw new Error(`The first line is wrong: ${problems.join('; ')}.`);
  const seen = new Set<string>();
  return records.map(({ record, info: { lines: row } }) => {
    const cells = record.map((cell, at) => [names[at] ?? '', cell] as const);
    // An empty cell says nothing.
    const given = Object.fromEntries(cells.filter(([, cell]) => cell !== ''));
    const id = given['id'] ?? '';
    const fault = faultOf(given, record.length - names.length, tenant, seen.has(id));
    seen.add(id);
    return { row, id, body: bodyOf(given), ...(fault === undefined ? {} : { fault }) };
  });
}

function csv(text: string): CsvRecord[] {
  try {
    const options = { bom: true, info: true, relax_column_count: true, skip_empty_lines: true } as const;
    return parse(text, options) as unknown as CsvRecord[];
  } catch (error) {
    // Its message may show a cell.
    throw new Error(`This is no CSV: ${error instanceof CsvError ? error.code : 'it cannot be read'}.`);
  }
}

function faultOf(
  given: Readonly<Record<string, string>>,
  tooMany: number,
  tenant: string,
  isSeen: boolean,
): string | undefined {
  const missing = required.filter((name) => given[name] === undefined);
  const faults = [
    ...(tooMany === 0 ? [] : ['it has another number of columns than the first line']),
    ...missing.map((name) => `${name} is missing`),
    ...(given['tenant'] === undefined || given['tenant'] === tenant ? [] : ['it is of another tenant']),
    ...(isSeen ? ['its id is in a row before'] : []),
  ];
  return faults.length > 0 ? faults.join('; ') : undefined;
}

function bodyOf({ tenant: _, ...given }: Readonly<Record<string, string>>): Record<string, unknown> {
  const isLabel = ([name]: readonly [string, string]) => name.startsWith('label:');
  const labels = Object.entries(given).filter(isLabel);
  const fields = Object.entries(given).filter((entry) => !isLabel(entry));
  return {
    ...Object.fromEntries(fields),
    ...(labels.length > 0
      ? { labels: Object.fromEntries(labels.map(([name, value]) => [name.slice('label:'.length), value])) }
      : {}),
  };
}

function isKnown(name: string): boolean {
  return columns.includes(name) || /^label:./.test(name);
}
