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

/** The key-encryption key that wraps: the first one listed. */
export function newestKek({ keys: [newest] }: KeyEncryptionKeys): KeyEncryptionKeys['keys'][number] {
  if (!newest) throw new VaultError('unknown_key');
  return newest;
}

/** A data key, wrapped as a JWE (A256GCMKW, RFC 7518 §4.7) bound to its tenant and row. */
export async function wrapDataKey(
  keks: KeyEncryptionKeys,
  dataKey: Uint8Array,
  binding: Binding,
): Promise<string> {
  const kek = newestKek(keks);
  return new CompactEncrypt(dataKey)
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
