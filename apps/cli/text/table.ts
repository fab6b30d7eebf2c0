import { safeText } from './safe-text.js';

export type Json = Readonly<Record<string, unknown>>;

/** A value of a document as people read it. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(valueText).join(', ');
  if (typeof value === 'object') {
    const entries = Object.entries(value);
    return entries.length === 0
      ? '-'
      : entries.map(([name, of]) => `${safeText(name)}=${valueText(of)}`).join(', ');
  }
  return safeText(String(value));
}

/** Columns as wide as what is in them. */
export function table(rows: readonly Json[], columns: readonly string[]): string {
  const lines = [
    columns.map((name) => name.toUpperCase()),
    ...rows.map((row) => columns.map((name) => valueText(row[name]))),
  ];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/** One document, a member a line. */
export function details(document: Json): string {
  const names = Object.keys(document);
  const width = Math.max(0, ...names.map((name) => name.length));
  return names
    .map((name) => `${safeText(name).padEnd(width)}  ${valueText(document[name])}`)
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}
