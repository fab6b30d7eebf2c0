import type { BoundHeader } from './binding.js';

/**
 * Wraps data keys under one key-encryption key. A key that it has wrapped opens here only, and only where it belongs. The
 * wrapped key names the key-encryption key: in its header, or before its first colon.
 */
export interface KekProvider {
  newDataKey(bound: BoundHeader): Promise<NewDataKey>;
  /** @throws VaultError `kek_unavailable` */
  wrap(dataKey: Uint8Array, bound: BoundHeader): Promise<string>;
  /** @throws VaultError `cannot_open`, `kek_unavailable` */
  unwrap(wrapped: string, bound: BoundHeader): Promise<Uint8Array>;
  /** Whether the last call succeeded. Where it did not, this asks again, and does not wait for the answer. */
  isReachable(): boolean;
}

export interface NewDataKey {
  /** 32 bytes. */
  readonly dataKey: Uint8Array;
  readonly wrapped: string;
}

/** One of those that `GRANTKEEPER_KEKS` lists. */
export interface KeyEncryptionKey {
  readonly id: string;
  readonly kind: 'local' | 'aws_kms' | 'transit';
  readonly provider: KekProvider;
  /** 32 bytes, which the keys of HMACs are derived from. */
  readonly macSecret: Uint8Array;
}

export interface KeyEncryptionKeys {
  readonly deploymentId: string;
  /** Newest first; the first wraps. */
  readonly keys: readonly KeyEncryptionKey[];
}
