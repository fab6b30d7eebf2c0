import { usageError } from '../cli.errors.js';
import { pathFrom, type Terminal } from '../terminal.js';
import { documentIn } from '../text/document-file.js';
import { type Field, optionOf } from './field.js';
import { secretFrom } from './secret-source.js';

export type Options = Readonly<Record<string, unknown>>;

/** The members that the options give. */
export function fieldValues(
  terminal: Terminal,
  fields: readonly Field[],
  options: Options,
): Record<string, unknown> {
  const values = fields.map((field) => [field.name, memberOf(terminal, field, options)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

function memberOf(terminal: Terminal, field: Field, options: Options): unknown {
  const word = optionOf(field);
  const value = options[camel(word)];
  switch (field.kind) {
    case 'secret':
      return secretFrom(terminal, word, options[camel(`${word}-file`)], options[camel(`${word}-env`)]);
    case 'settings':
      return settingsFrom(terminal, word, value as string[] | undefined, options[camel(`${word}s-file`)]);
    case 'pairs':
      return value === undefined ? undefined : pairs(word, value as string[]);
    case 'list':
      return (value as string[] | undefined)?.flatMap((names) => names.split(',')).map((name) => name.trim());
    case 'integer':
      return value === undefined ? undefined : integer(word, String(value));
    case 'json':
      return value === undefined ? undefined : parsed(word, String(value));
    default:
      return value;
  }
}

function settingsFrom(terminal: Terminal, word: string, given: string[] | undefined, path: unknown) {
  if (given === undefined && path === undefined) return undefined;
  const ofFile = path === undefined ? {} : documentIn(terminal, pathFrom(terminal, String(path)));
  const each = Object.entries(given === undefined ? {} : pairs(word, given));
  return { ...ofFile, ...Object.fromEntries(each.map(([name, value]) => [name, jsonOrText(value)])) };
}

/** `name=value`; the name may be followed by a colon as well, as the API writes labels in a query. */
export function pairs(word: string, given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((pair) => {
      const [, name, value] = /^([^=:]+)[=:](.*)$/s.exec(pair) ?? [];
      if (name === undefined || value === undefined) throw usageError(`--${word} takes name=value.`);
      return [name, value];
    }),
  );
}

function integer(word: string, value: string): number | null {
  if (value === 'none') return null;
  if (!/^-?\d{1,15}$/.test(value)) throw usageError(`--${word} takes a whole number.`);
  return Number(value);
}

function parsed(word: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw usageError(`--${word} takes JSON.`);
  }
}

function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** As Commander names what it has read. */
export function camel(word: string): string {
  return word.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
