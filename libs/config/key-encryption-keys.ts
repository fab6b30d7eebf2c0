import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isHttpsOrLoopback } from './setting-fields.js';
import { SettingsError } from './settings.errors.js';

/** A key that wraps the tenants' data keys. The first in the list wraps; the others only open. */
export type KeyEncryptionKey = { readonly id: string } & (
  | {
      readonly kind: 'local';
      /** 32 bytes. */
      readonly key: Uint8Array;
    }
  | {
      readonly kind: 'aws_kms';
      /** Its ARN or id, or an alias. */
      readonly keyId: string;
    }
  | {
      readonly kind: 'transit';
      /** Of the key in the HTTP API of Vault or OpenBao. */
      readonly url: string;
    }
);

const format =
  'must be kid:base64(32 bytes), kid:aws-kms:<key> or kid:transit:<https URL of …/keys/<name>>, comma-separated, newest first';

/** @param listed undefined where `GRANTKEEPER_KEKS` is not set, never in production */
export function listedOrKeptKeys(listed: string | undefined, dataDir: string): readonly KeyEncryptionKey[] {
  return listed === undefined
    ? loadOrCreateKeyEncryptionKeys(dataDir)
    : parseKeyEncryptionKeys(listed, 'GRANTKEEPER_KEKS');
}

/** @throws SettingsError when a part has another form, is not 32 bytes, or repeats a kid */
function parseKeyEncryptionKeys(value: string, setting: string): readonly KeyEncryptionKey[] {
  const keys = value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [, id = '', rest = ''] = /^([A-Za-z0-9._-]{1,64}):(.+)$/.exec(part) ?? [];
      const key = parseKey(id, rest);
      if (!key) throw new SettingsError(`${setting} ${format}.`);
      return key;
    });
  if (keys.length === 0) throw new SettingsError(`${setting} ${format}.`);
  if (new Set(keys.map((key) => key.id)).size !== keys.length) {
    throw new SettingsError(`${setting} names a kid twice.`);
  }
  return keys;
}

function parseKey(id: string, rest: string): KeyEncryptionKey | undefined {
  if (/^[A-Za-z0-9+/]{43}=$/.test(rest)) {
    return { id, kind: 'local', key: new Uint8Array(Buffer.from(rest, 'base64')) };
  }
  const [, keyId] = /^aws-kms:([A-Za-z0-9:/_-]{1,2048})$/.exec(rest) ?? [];
  if (keyId !== undefined) return { id, kind: 'aws_kms', keyId };
  const [, url] = /^transit:(https?:\/\/[^/?#@\s]+(?:\/[^/?#@\s]+)+\/keys\/[\w.-]+)$/.exec(rest) ?? [];
  return url !== undefined && isHttpsOrLoopback(url) ? { id, kind: 'transit', url } : undefined;
}

/**
 * The keys kept in the data dir, made at the first start (mode 0600). Two processes starting at once end up with
 * the same file. Never called in production.
 */
function loadOrCreateKeyEncryptionKeys(dataDir: string): readonly KeyEncryptionKey[] {
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
