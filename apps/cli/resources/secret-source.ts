import { readFileSync } from 'node:fs';
import { usageError } from '../cli.errors.js';
import { pathFrom, type Terminal } from '../terminal.js';

/** A secret from where the command was told to find it. The line break that editors leave at the end is not part of it. */
export function secretFrom(
  terminal: Terminal,
  word: string,
  file: unknown,
  name: unknown,
): string | undefined {
  if (file !== undefined && name !== undefined)
    throw usageError(`Only one of --${word}-file and --${word}-env can be meant.`);
  if (file !== undefined) return secretInFile(terminal, String(file), `--${word}-file`);
  return name === undefined ? undefined : secretInVariable(terminal, String(name), `--${word}-env`);
}

export function secretInFile(terminal: Terminal, path: string, where: string): string {
  try {
    return withoutLastBreak(path === '-' ? terminal.input() : readFileSync(pathFrom(terminal, path), 'utf8'));
  } catch {
    throw usageError(`${where}: ${path} cannot be read.`);
  }
}

export function secretInVariable(terminal: Terminal, name: string, where: string): string {
  const value = terminal.env[name];
  if (value === undefined || value === '') throw usageError(`${where}: the environment has no ${name}.`);
  return withoutLastBreak(value);
}

function withoutLastBreak(text: string): string {
  return text.replace(/\r?\n$/, '');
}
