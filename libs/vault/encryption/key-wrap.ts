import { randomBytes } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { VaultError } from '../vault.errors.js';
import { type Binding, boundHeader, isBoundTo } from './binding.js';

export interface KeyEncryptionKeys {
  readonly deploymentId: string;
  /** Newest first; the first wraps. */
  readonly keys: readonly { readonly id: string; readonly key: Uint8Array }[];
}

export interface WrappedDataKey {
  readonly id: string;
  readonly version: number;
  readonly wrapped: string;
}

/** A 256-bit data key, wrapped as a JWE (A256GCMKW, RFC 7518 §4.7) bound to its tenant and row. */
export async function wrapNewDataKey(keks: KeyEncryptionKeys, binding: Binding): Promise<string> {
  const kek = keks.keys[0];
  if (!kek) throw new VaultError('unknown_key');
  return new CompactEncrypt(randomBytes(32))
    .setProtectedHeader({
      alg: 'A256GCMKW',
      enc: 'A256GCM',
      kid: kek.id,
      ...boundHeader(keks.deploymentId, binding),
    })
    .encrypt(kek.key);
}

/** @throws VaultError `unknown_key` or `cannot_open` */
export async function unwrapDataKey(
  keks: KeyEncryptionKeys,
  wrapped: string,
  binding: Binding,
): Promise<Uint8Array> {
  const { kid } = decodeProtectedHeader(wrapped);
  const kek = keks.keys.find((candidate) => candidate.id === kid);
  if (!kek) throw new VaultError('unknown_key');
  const opened = await compactDecrypt(wrapped, kek.key, {
    keyManagementAlgorithms: ['A256GCMKW'],
    contentEncryptionAlgorithms: ['A256GCM'],
  }).catch(() => {
    throw new VaultError('cannot_open');
  });
  if (!isBoundTo(opened.protectedHeader, boundHeader(keks.deploymentId, binding))) {
    throw new VaultError('cannot_open');
  }
  return opened.plaintext;
}
