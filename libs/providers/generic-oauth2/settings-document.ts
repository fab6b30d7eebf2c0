import { z } from 'zod';

/** A setting as docs/generic-oauth2.md shows it. */
interface DocumentedSetting {
  readonly name: string;
  readonly values: string;
  readonly description: string;
}

interface PropertySchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly items?: PropertySchema;
  readonly additionalProperties?: PropertySchema | boolean;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description?: string;
  readonly default?: unknown;
}

/** Every setting of a schema, from what is declared there and nowhere else. */
export function documentSettings(settings: z.ZodRawShape): DocumentedSetting[] {
  const schema = z.toJSONSchema(z.strictObject(settings), { io: 'input' });
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const declared = property as PropertySchema;
    const standard =
      declared.default === undefined ? '' : ` Default: \`${JSON.stringify(declared.default)}\`.`;
    return { name, values: valuesOf(declared), description: `${declared.description ?? ''}${standard}` };
  });
}

/** The same as rows of a table in Markdown. */
export function settingsTable(settings: z.ZodRawShape): string {
  const rows = documentSettings(settings).map(({ name, values, description }) => [
    `\`${name}\``,
    values,
    description,
  ]);
  return markdownTable([['setting', 'values', 'meaning'], ...rows]);
}

/** As the formatter leaves it: each column as wide as its widest cell. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const [head = [], ...rest] = cells;
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[], fill = ' ') =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(' | ')} |`;
  const rule = head.map(() => '');
  return [line(head), line(rule, '-'), ...rest.map((row) => line(row))].join('\n');
}

function valuesOf({
  type,
  enum: words,
  items,
  additionalProperties: of,
  format,
  ...range
}: PropertySchema): string {
  if (words) return words.map((word) => `\`${word}\``).join(', ');
  if (items) return `list of ${valuesOf(items)}`;
  if (type === 'object') return typeof of === 'object' && of.type === 'object' ? 'object by grant' : 'object';
  if (type === 'integer') return `${range.minimum} to ${range.maximum}`;
  if (type === 'boolean') return '`true`, `false`';
  return format === 'uri' ? 'URL' : 'text';
}
