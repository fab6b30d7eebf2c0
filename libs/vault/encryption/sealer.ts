import { Injectable } from '@nestjs/common';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { VaultError } from '../vault.errors.js';
import { type Binding, boundHeader, isBoundTo } from './binding.js';
import { type KeyEncryptionKeys, unwrapDataKey, type WrappedDataKey, wrapNewDataKey } from './key-wrap.js';

/** Unwrapped data keys kept in memory, least recently used dropped first. */
const keptKeys = 10_000;

/**
 * Seals and opens a tenant's secrets as JWE (`dir`, A256GCM; RFC 7516) under the tenant's data key. The callers bring
 * the wrapped keys, read in the same statement as the ciphertext, so nothing opens once the rows are gone.
 */
@Injectable()
export class Sealer {
  private readonly dataKeys = new Map<string, Uint8Array>();

  constructor(private readonly keks: KeyEncryptionKeys) {}

  get deploymentId(): string {
    return this.keks.deploymentId;
  }

  async newDataKey(tenantId: string, keyId: string, version: number): Promise<string> {
    return wrapNewDataKey(this.keks, keyBinding(tenantId, { id: keyId, version }));
  }

  async seal(plaintext: string, key: WrappedDataKey, binding: Binding): Promise<string> {
    return new CompactEncrypt(new TextEncoder().encode(plaintext))
      .setProtectedHeader({
        alg: 'dir',
        enc: 'A256GCM',
        kid: key.id,
        ...boundHeader(this.keks.deploymentId, binding),
      })
      .encrypt(await this.dataKey(binding.tenantId, key));
  }

  /** Opens the key itself now, so that sealing with it later needs nothing else. @throws VaultError `unknown_key` */
  async prepare(tenantId: string, key: WrappedDataKey): Promise<void> {
    await this.dataKey(tenantId, key);
  }

  /** @throws VaultError `cannot_open` when the ciphertext was not sealed for exactly this place */
  async open(sealed: string, keys: readonly WrappedDataKey[], binding: Binding): Promise<string> {
    const expected = boundHeader(this.keks.deploymentId, binding);
    const opened = await compactDecrypt(
      sealed,
      async (header) => {
        const key = keys.find((candidate) => candidate.id === header.kid);
        if (!key) throw new VaultError('cannot_open');
        return this.dataKey(binding.tenantId, key);
      },
      { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] },
    ).catch((error: unknown) => {
      throw error instanceof VaultError ? error : new VaultError('cannot_open');
    });
    if (!isBoundTo(opened.protectedHeader, expected)) throw new VaultError('cannot_open');
    return new TextDecoder().decode(opened.plaintext);
  }

  private async dataKey(tenantId: string, key: WrappedDataKey): Promise<Uint8Array> {
    const known = this.dataKeys.get(key.id);
    if (known) {
      this.dataKeys.delete(key.id);
      this.dataKeys.set(key.id, known);
      return known;
    }
    const opened = await unwrapDataKey(this.keks, key.wrapped, keyBinding(tenantId, key));
    this.dataKeys.set(key.id, opened);
    if (this.dataKeys.size > keptKeys) {
      const oldest = this.dataKeys.keys().next().value;
      if (oldest !== undefined) this.dataKeys.delete(oldest);
    }
    return opened;
  }
}

function keyBinding(tenantId: string, key: { id: string; version: number }): Binding {
  return { tenantId, table: 'tenant_keys', column: 'wrapped', rowId: key.id, generation: key.version };
}
