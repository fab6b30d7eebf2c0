import { createSecretKey, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { growingCache } from '../growing-cache.js';
import { InFlight } from '../in-flight.js';
import { VaultError } from '../vault.errors.js';
import { type Binding, boundHeader, isBoundTo } from './binding.js';
import { decryptJwe, encryptJwe, jweHeader } from './jwe.js';
import type { KeyEncryptionKey, KeyEncryptionKeys } from './kek-provider.js';
import { newestKek, unwrapDataKey, type WrappedDataKey } from './key-wrap.js';
import { KeyedMac } from './keyed-mac.js';
import { SealCounts } from './seal-counts.js';

/** Unwrapped data keys kept in memory, least recently used dropped first. */
const keptKeys = 10_000;

/**
 * Seals and opens a tenant's secrets as JWE (`dir`, A256GCM; RFC 7516) under the tenant's data key. The callers bring
 * the wrapped keys, read in the same statement as the ciphertext, so nothing opens once the rows are gone.
 */
@Injectable()
export class Sealer {
  readonly counts = new SealCounts();
  private readonly dataKeys = growingCache<KeyObject>(keptKeys);
  /** Many readers of a tenant ask a key service once. */
  private readonly opening = new InFlight<KeyObject>();

  constructor(private readonly keks: KeyEncryptionKeys) {}

  get deploymentId(): string {
    return this.keks.deploymentId;
  }

  /** The key-encryption key that wraps from now on. */
  get newestKekId(): string {
    return newestKek(this.keks).id;
  }

  /** Newest first. */
  get listedKeks(): readonly KeyEncryptionKey[] {
    return this.keks.keys;
  }

  /** For what is not secret and must not be forged. */
  macOf(purpose: string): KeyedMac {
    return new KeyedMac(this.keks, purpose);
  }

  async newDataKey(tenantId: string, keyId: string, version: number): Promise<string> {
    const bound = boundHeader(this.deploymentId, keyBinding(tenantId, { id: keyId, version }));
    const { dataKey, wrapped } = await newestKek(this.keks).provider.newDataKey(bound);
    this.keep(keyId, createSecretKey(dataKey));
    return wrapped;
  }

  /**
   * The same data key under the newest key-encryption key.
   * @throws VaultError `unknown_key` where the one that wraps it is not listed any more
   */
  async rewrap(tenantId: string, key: WrappedDataKey): Promise<string> {
    const binding = keyBinding(tenantId, key);
    const dataKey = await unwrapDataKey(this.keks, key.wrapped, binding);
    return newestKek(this.keks).provider.wrap(dataKey, boundHeader(this.deploymentId, binding));
  }

  async seal(plaintext: string, key: WrappedDataKey, binding: Binding): Promise<string> {
    const header = { kid: key.id, ...boundHeader(this.keks.deploymentId, binding) };
    this.counts.count(key.id);
    return encryptJwe(plaintext, header, await this.dataKey(binding.tenantId, key));
  }

  /** Opens the key itself now, so that sealing with it later needs nothing else. @throws VaultError `unknown_key` */
  async prepare(tenantId: string, key: WrappedDataKey): Promise<void> {
    await this.dataKey(tenantId, key);
  }

  /** @throws VaultError `cannot_open` when the ciphertext was not sealed for exactly this place */
  async open(sealed: string, keys: readonly WrappedDataKey[], binding: Binding): Promise<string> {
    const header = jweHeader(sealed);
    const key = header && keys.find(({ id }) => id === header['kid']);
    if (!key || !isBoundTo(header, boundHeader(this.keks.deploymentId, binding))) {
      throw new VaultError('cannot_open');
    }
    try {
      return decryptJwe(sealed, await this.dataKey(binding.tenantId, key));
    } catch (error) {
      throw error instanceof VaultError ? error : new VaultError('cannot_open');
    }
  }

  private async dataKey(tenantId: string, key: WrappedDataKey): Promise<KeyObject> {
    const known = this.dataKeys.get(key.id);
    if (known) return known;
    return this.opening.join(key.id + key.wrapped, async () => {
      const binding = keyBinding(tenantId, key);
      return this.keep(key.id, createSecretKey(await unwrapDataKey(this.keks, key.wrapped, binding)));
    });
  }

  private keep(keyId: string, opened: KeyObject): KeyObject {
    this.dataKeys.set(keyId, opened);
    return opened;
  }
}

function keyBinding(tenantId: string, key: { id: string; version: number }): Binding {
  return { tenantId, table: 'tenant_keys', column: 'wrapped', rowId: key.id, generation: key.version };
}
