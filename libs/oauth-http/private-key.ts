import { createHash, createPrivateKey, type KeyObject } from 'node:crypto';

/** Parsing a PEM costs more than a signature with it; a tenant's calls come in bursts. */
const maxParsedKeys = 200;
const parsedKeys = new Map<string, KeyObject>();

/**
 * A private key from PEM, PKCS#8 or PKCS#1 or SEC 1, also where its line breaks arrive as the two characters `\n`.
 * Undefined when it is none, or is encrypted. Kept in memory under a hash of the text.
 */
export function parsePrivateKey(pem: string): KeyObject | undefined {
  const name = createHash('sha256').update(pem).digest('base64');
  const known = parsedKeys.get(name);
  if (known) return remember(name, known);
  try {
    return remember(name, createPrivateKey({ key: withLineBreaks(pem), format: 'pem' }));
  } catch {
    return undefined;
  }
}

/** The least recently used goes first. */
function remember(name: string, key: KeyObject): KeyObject {
  parsedKeys.delete(name);
  parsedKeys.set(name, key);
  const [oldest] = parsedKeys.keys();
  if (parsedKeys.size > maxParsedKeys && oldest !== undefined) parsedKeys.delete(oldest);
  return key;
}

/** As TLS and OpenSSL take it: in environment variables and JSON its line breaks are often two characters each. */
export function withLineBreaks(pem: string): string {
  return pem.replace(/(?:\\r)?\\n/g, '\n').trim();
}

/** Bits of an RSA key; 0 for another. An RSA-PSS key is another: it cannot sign RS256. */
export function rsaBits(key: KeyObject): number {
  return key.asymmetricKeyType === 'rsa' ? (key.asymmetricKeyDetails?.modulusLength ?? 0) : 0;
}

export const minRsaBits = 2048;

export const signingAlgorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/** The algorithms a key signs with, the usual first (RFC 7518 §3, RFC 8037); none if too weak or of another kind. */
export function algorithmsOf(key: KeyObject): readonly SigningAlgorithm[] {
  if (key.asymmetricKeyType === 'rsa') return rsaBits(key) < minRsaBits ? [] : ['RS256', 'PS256'];
  if (key.asymmetricKeyType === 'ed25519') return ['EdDSA'];
  switch (key.asymmetricKeyDetails?.namedCurve) {
    case 'prime256v1':
      return ['ES256'];
    case 'secp384r1':
      return ['ES384'];
    case 'secp521r1':
      return ['ES512'];
    default:
      return [];
  }
}
