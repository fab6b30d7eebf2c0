import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { usageError } from '../cli.errors.js';
import { pathFrom, type Terminal } from '../terminal.js';

const profile = z.strictObject({
  url: z.string().optional(),
  key: z.string().optional(),
  key_file: z.string().optional(),
});
const file = z.strictObject({ default: z.string().optional(), profiles: z.record(z.string(), profile) });

export interface Target {
  readonly url: URL;
  readonly key: string;
}

interface Source {
  readonly url: string | undefined;
  readonly key: () => string | undefined;
}

const defaultUrl = 'http://127.0.0.1:3000';

/**
 * Address and key: of the profile that is named, else of the environment, else of the default profile. A key of a
 * profile goes to the address of that profile only.
 */
export function targetOf(terminal: Terminal, name = terminal.env['GRANTKEEPER_PROFILE']): Target {
  const kept = profileNamed(terminal, name);
  const given = fromEnvironment(terminal);
  if (name !== undefined && name !== '') return complete(kept.url ?? defaultUrl, kept.key());
  const key = given.key();
  if (key !== undefined) return complete(given.url ?? kept.url ?? defaultUrl, key);
  const url = given.url ?? kept.url ?? defaultUrl;
  return complete(url, url === (kept.url ?? defaultUrl) ? kept.key() : undefined);
}

function complete(address: string, key: string | undefined): Target {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '')
    throw usageError(
      'The address of the API must be an http or https URL without a user.',
      'Set GRANTKEEPER_URL.',
    );
  if (key === undefined || key === '')
    throw usageError(
      `There is no key for ${url.origin}.`,
      'Set GRANTKEEPER_KEY_FILE, GRANTKEEPER_KEY or a profile; npm start keeps a key in .data/admin-key.',
    );
  if (!/^[\x21-\x7e]+$/.test(key)) throw usageError('The key holds characters that no key has.');
  return { url, key };
}

function fromEnvironment({ env, ...terminal }: Terminal): Source {
  return {
    url: env['GRANTKEEPER_URL'] || undefined,
    key: () => {
      if (env['GRANTKEEPER_KEY']) return env['GRANTKEEPER_KEY'].trim();
      const path = env['GRANTKEEPER_KEY_FILE'];
      return path ? readKey(pathFrom({ env, ...terminal }, path)) : undefined;
    },
  };
}

export function configFile({ env }: Terminal): string {
  return join(
    env['XDG_CONFIG_HOME'] || join(env['HOME'] ?? homedir(), '.config'),
    'grantkeeper',
    'config.json',
  );
}

function profileNamed(terminal: Terminal, name: string | undefined): Source {
  const path = configFile(terminal);
  const text = readIfThere(path);
  if (text === undefined) {
    if (name) throw usageError(`There is no profile "${name}": ${path} does not exist.`);
    return { url: undefined, key: () => undefined };
  }
  const read = file.safeParse(jsonOrUndefined(text));
  if (!read.success)
    throw usageError(`${path} must be {"default"?, "profiles": {<name>: {"url", "key_file" or "key"}}}.`);
  const wanted = name || read.data.default;
  const found = wanted === undefined ? undefined : read.data.profiles[wanted];
  if (wanted !== undefined && !found) throw usageError(`${path} has no profile "${wanted}".`);
  if (found?.key !== undefined && (statSync(path).mode & 0o077) !== 0)
    terminal.err(`grantkeeper: ${path} holds a key and others may read it; chmod 600 mends that.\n`);
  return {
    url: found?.url,
    key: () => found?.key ?? (found?.key_file && readKey(resolve(dirname(path), found.key_file))),
  };
}

function readKey(path: string): string {
  const text = readIfThere(path);
  if (text === undefined) throw usageError(`The key file ${path} cannot be read.`);
  return text.trim();
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
