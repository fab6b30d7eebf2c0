import { decodeProtectedHeader } from 'jose';
import { VaultError } from '../vault.errors.js';
import { type Binding, boundHeader } from './binding.js';
import type { KeyEncryptionKey, KeyEncryptionKeys } from './kek-provider.js';

export interface WrappedDataKey {
  readonly id: string;
  readonly version: number;
  readonly wrapped: string;
}

/** The key-encryption key that wraps: the first one listed. */
export function newestKek({ keys: [newest] }: KeyEncryptionKeys): KeyEncryptionKey {
  if (!newest) throw new VaultError('unknown_key');
  return newest;
}

/**
 * The data key, by the key-encryption key that has wrapped it.
 * @throws VaultError `unknown_key`, `cannot_open`, `kek_unavailable`, `tenant_gone`
 */
export async function unwrapDataKey(
  keks: KeyEncryptionKeys,
  wrapped: string,
  binding: Binding,
): Promise<Uint8Array> {
  // Destroyed, for its tenant is being removed.
  if (wrapped === '') throw new VaultError('tenant_gone');
  const kid = kidOf(wrapped);
  const kek = keks.keys.find((candidate) => candidate.id === kid);
  if (!kek) throw new VaultError('unknown_key');
  return kek.provider.unwrap(wrapped, boundHeader(keks.deploymentId, binding));
}

/** A JWE has it in its header, and no colon; a key service has it before the first colon. */
function kidOf(wrapped: string): unknown {
  const colon = wrapped.indexOf(':');
  return colon < 0 ? decodeProtectedHeader(wrapped).kid : wrapped.slice(0, colon);
}
