import { readFileSync } from 'node:fs';
import { codeOf, UserError } from '../lib/user-error.mjs';

export function hasSetting(name: string): boolean {
  return Boolean(process.env[name] || process.env[`${name}_FILE`]);
}

/** One setting from the environment, or from the file that `NAME_FILE` points to. */
export function readSetting(name: string): string | undefined {
  const value = process.env[name];
  if (value) return value;
  const file = process.env[`${name}_FILE`];
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (error) {
    throw new UserError(`${name}_FILE cannot be read (${codeOf(error)})`);
  }
}
