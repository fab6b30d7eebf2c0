import { readFile } from 'node:fs/promises';
import { configurationError } from './grantkeeper-error.js';

export type Environment = Readonly<Record<string, string | undefined>>;
export type KeySource = () => Promise<string>;

interface KeyOptions {
  readonly key?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly getKey?: (() => string | Promise<string>) | undefined;
}

/** @throws GrantkeeperError `configuration` unless there is exactly one */
export function keySource(options: KeyOptions, env: Environment): KeySource {
  const given = [options.key, options.keyFile, options.getKey].filter((one) => one !== undefined).length;
  if (given > 1) throw configurationError('only one of key, keyFile and getKey may be given');
  if (given === 1) return sourceOf(options);
  const { GRANTKEEPER_KEY: key, GRANTKEEPER_KEY_FILE: keyFile } = env;
  if (key && keyFile)
    throw configurationError('only one of GRANTKEEPER_KEY and GRANTKEEPER_KEY_FILE may be set');
  if (!key && !keyFile)
    throw configurationError('key, keyFile, getKey, GRANTKEEPER_KEY or GRANTKEEPER_KEY_FILE is needed');
  return sourceOf(key ? { key } : { keyFile });
}

function sourceOf({ key, keyFile, getKey }: KeyOptions): KeySource {
  if (getKey !== undefined) return async () => checked('getKey', await getKey());
  if (keyFile !== undefined) return async () => checked('the key file', await textOf(keyFile));
  const checkedKey = checked('key', key);
  return async () => checkedKey;
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw configurationError(`the key file cannot be read (${error.code})`);
  });
}

/** Anything else `fetch` would refuse to send, in a message that has the key in it. */
function checked(name: string, key: unknown): string {
  const trimmed = typeof key === 'string' ? key.trim() : '';
  if (/^[\x21-\x7e]+$/.test(trimmed)) return trimmed;
  throw configurationError(`${name} must give one line of visible ASCII characters`);
}
