import { randomBytes } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { VaultError } from '../vault.errors.js';
import { type BoundHeader, isBoundTo } from './binding.js';
import type { KekProvider, KeyEncryptionKey, NewDataKey } from './kek-provider.js';

/** @param key 32 bytes: it wraps data keys, and the keys of HMACs are derived from it */
export function localKek(id: string, key: Uint8Array): KeyEncryptionKey {
  return { id, kind: 'local', provider: new LocalKek(id, key), macSecret: key };
}

/** A key-encryption key of the settings. It wraps a data key as a JWE (A256GCMKW, RFC 7518 §4.7). */
class LocalKek implements KekProvider {
  constructor(
    private readonly id: string,
    private readonly key: Uint8Array,
  ) {}

  async newDataKey(bound: BoundHeader): Promise<NewDataKey> {
    const dataKey = randomBytes(32);
    return { dataKey, wrapped: await this.wrap(dataKey, bound) };
  }

  wrap(dataKey: Uint8Array, bound: BoundHeader): Promise<string> {
    return new CompactEncrypt(dataKey)
      .setProtectedHeader({ alg: 'A256GCMKW', enc: 'A256GCM', kid: this.id, ...bound })
      .encrypt(this.key);
  }

  async unwrap(wrapped: string, bound: BoundHeader): Promise<Uint8Array> {
    const opened = await compactDecrypt(wrapped, this.key, {
      keyManagementAlgorithms: ['A256GCMKW'],
      contentEncryptionAlgorithms: ['A256GCM'],
    }).catch(() => {
      throw new VaultError('cannot_open');
    });
    if (!isBoundTo(opened.protectedHeader, bound)) throw new VaultError('cannot_open');
    return opened.plaintext;
  }

  isReachable(): boolean {
    return true;
  }
}
