import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { VaultError } from '../vault.errors.js';
import type { KeyEncryptionKeys } from './kek-provider.js';
import { macKey } from './mac-key.js';

export interface Mac {
  /** Of the key-encryption key it was made under. */
  readonly kid: string;
  readonly mac: Buffer;
}

/**
 * HMAC-SHA-256 (RFC 2104) under keys of one purpose, each derived by HKDF-SHA-256 (RFC 5869) from the secret of a
 * key-encryption key. The newest key-encryption key makes; any that is configured checks.
 */
export class KeyedMac {
  private readonly keys: ReadonlyMap<string, KeyObject>;

  /** @param purpose another one gives another key */
  constructor({ deploymentId, keys }: KeyEncryptionKeys, purpose: string) {
    this.keys = new Map(keys.map(({ id, macSecret }) => [id, macKey(macSecret, deploymentId, purpose)]));
  }

  /** The key-encryption keys that can check. */
  get kids(): readonly string[] {
    return [...this.keys.keys()];
  }

  /** The key-encryption key that makes. */
  get kid(): string {
    const [kid] = this.keys.keys();
    if (kid === undefined) throw new VaultError('unknown_key');
    return kid;
  }

  make(message: string | Buffer): Mac {
    const { kid } = this;
    return { kid, mac: this.under(kid, message) };
  }

  /** @throws VaultError `unknown_key` */
  isRight(message: string | Buffer, { kid, mac }: Mac): boolean {
    const expected = this.under(kid, message);
    return expected.length === mac.length && timingSafeEqual(expected, mac);
  }

  private under(kid: string, message: string | Buffer): Buffer {
    const key = this.keys.get(kid);
    if (!key) throw new VaultError('unknown_key');
    return createHmac('sha256', key).update(message).digest();
  }
}
