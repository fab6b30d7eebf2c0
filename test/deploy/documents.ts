import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const checkout = resolve(import.meta.dirname, '../..');

/** Paths of the documents that people read, relative to the checkout. */
export function documentPaths(): string[] {
  const isDocument = (name: string) => name.endsWith('.md');
  const inDocs = readdirSync(join(checkout, 'docs'), { recursive: true }).map(
    (path) => `docs/${String(path)}`,
  );
  return [...readdirSync(checkout), ...inDocs].filter(isDocument);
}

export function readDocument(path: string): string {
  return readFileSync(join(checkout, path), 'utf8');
}

/** The text between `<!-- name:begin -->` and `<!-- name:end -->`. */
export function marked(document: string, name: string): string {
  const part = document.split(`<!-- ${name}:begin -->`)[1]?.split(`<!-- ${name}:end -->`)[0];
  if (part === undefined) throw new Error(`Nothing is marked ${name}.`);
  return part;
}

/** The cells of the rows of a table whose first cell is code. */
export function codeRows(document: string): string[][] {
  return [...document.matchAll(/^\| `([^`]+)`([^|]*)\|(.*)\|$/gm)].map(([, code = '', , rest = '']) => [
    code,
    ...rest.split('|').map((cell) => cell.trim()),
  ]);
}

/** The cells of every row of a table but its head, spaces apart. */
export function tableRows(part: string): string[][] {
  const rows = [...part.matchAll(/^\|(.*)\|$/gm)].map(([, row = '']) =>
    row.split('|').map((cell) => cell.trim()),
  );
  return rows.slice(2);
}

/** The shell commands of a document, block by block. */
export function shellBlocks(document: string): string[] {
  return [...document.matchAll(/^( *)```sh\n(.*?)^\1```$/gms)].map(([, indent = '', block = '']) =>
    block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}
