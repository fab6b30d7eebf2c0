import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { VaultError } from '../vault.errors.js';
import type { KeyEncryptionKeys } from './kek-provider.js';
import { macKey } from './mac-key.js';

/** The part of a row that shows that this installation wrote it. */
export interface RowSeal {
  /** Of the key-encryption key that the key of the HMAC is derived from. */
  readonly macKid: string;
  readonly mac: Buffer;
}

/** Members of a row, in an order that never changes; JSON tells them apart. */
export type SealedMembers = readonly [table: string, ...members: readonly unknown[]];

/**
 * HMAC-SHA256 over the rows that let somebody in, under keys derived (HKDF, RFC 5869) from the secrets of the
 * key-encryption keys, which the database never sees: whoever can write there cannot write such a row. A row lives on while any configured
 * key is the one it names.
 */
export class RowMac {
  private readonly keys: readonly { readonly id: string; readonly key: KeyObject }[];

  constructor(private readonly keks: KeyEncryptionKeys) {
    this.keys = keks.keys.map(({ id, macSecret }) => ({
      id,
      key: macKey(macSecret, keks.deploymentId, 'rows that let in'),
    }));
  }

  get newestKid(): string {
    return this.newest.id;
  }

  /** Under the newest key. */
  seal(members: SealedMembers): RowSeal {
    const { id, key } = this.newest;
    return { macKid: id, mac: this.over(members, key) };
  }

  verifies(members: SealedMembers, { macKid, mac }: RowSeal): boolean {
    const key = this.keys.find(({ id }) => id === macKid)?.key;
    if (!key) return false;
    const expected = this.over(members, key);
    return mac.length === expected.length && timingSafeEqual(mac, expected);
  }

  private get newest() {
    const [newest] = this.keys;
    if (!newest) throw new VaultError('unknown_key');
    return newest;
  }

  private over(members: SealedMembers, key: KeyObject): Buffer {
    return createHmac('sha256', key)
      .update(JSON.stringify([this.keks.deploymentId, ...members]))
      .digest();
  }
}
