import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SettingsError } from './settings.errors.js';

/** A key that wraps the tenants' data keys. The first in the list wraps; the others only open. */
export interface KeyEncryptionKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

const format = 'must be kid:base64(32 bytes), comma-separated, newest first';

/** @throws SettingsError when a part has another form, is not 32 bytes, or repeats a kid */
export function parseKeyEncryptionKeys(value: string, setting: string): readonly KeyEncryptionKey[] {
  const keys = value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const match = /^([A-Za-z0-9._-]{1,64}):([A-Za-z0-9+/]{43}=)$/.exec(part);
      if (!match?.[1] || !match[2]) throw new SettingsError(`${setting} ${format}.`);
      return { id: match[1], key: new Uint8Array(Buffer.from(match[2], 'base64')) };
    });
  if (keys.length === 0) throw new SettingsError(`${setting} ${format}.`);
  if (new Set(keys.map((key) => key.id)).size !== keys.length) {
    throw new SettingsError(`${setting} names a kid twice.`);
  }
  return keys;
}

/**
 * The keys kept in the data dir, made at the first start (mode 0600). Two processes starting at once end up with
 * the same file. Never called in production.
 */
export function loadOrCreateKeyEncryptionKeys(dataDir: string): readonly KeyEncryptionKey[] {
  const path = join(dataDir, 'keks');
  try {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(path, `local-1:${randomBytes(32).toString('base64')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new SettingsError(
        `GRANTKEEPER_DATA_DIR ${dataDir} cannot be written: ${(error as Error).message}`,
      );
    }
  }
  return parseKeyEncryptionKeys(readKept(path), path);
}

/** Somebody else, such as root, may have made them. */
function readKept(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new SettingsError(`GRANTKEEPER_DATA_DIR: ${path} cannot be read: ${(error as Error).message}`);
  }
}
