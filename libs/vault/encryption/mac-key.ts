import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/**
 * A key for HMAC-SHA-256 of one purpose, by HKDF-SHA-256 (RFC 5869). As a key object, which Node makes once: from bytes it
 * makes one for each HMAC, at six times the price of the HMAC itself.
 *
 * @param macSecret of a key-encryption key
 */
export function macKey(macSecret: Uint8Array, deploymentId: string, purpose: string): KeyObject {
  return createSecretKey(
    Buffer.from(hkdfSync('sha256', macSecret, deploymentId, `grantkeeper ${purpose}`, 32)),
  );
}
