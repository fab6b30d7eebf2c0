import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { usageError } from '../cli.errors.js';
import type { Terminal } from '../terminal.js';
import type { Json } from './table.js';

/** A file of YAML or JSON that holds an object; `-` is stdin. */
export function documentIn(terminal: Terminal, path: string): Json {
  const document = parseDocument(textIn(terminal, path), { prettyErrors: true });
  const [error] = document.errors;
  // The message shows lines of the file, which may hold a secret.
  if (error) throw usageError(`${path} is no YAML: ${error.code} in line ${error.linePos?.[0].line ?? 1}.`);
  const value: unknown = document.toJS();
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw usageError(`${path} must hold an object.`);
  return value as Json;
}

export function textIn(terminal: Terminal, path: string): string {
  try {
    return path.endsWith('/-') || path === '-' ? terminal.input() : readFileSync(path, 'utf8');
  } catch {
    throw usageError(`${path} cannot be read.`);
  }
}
