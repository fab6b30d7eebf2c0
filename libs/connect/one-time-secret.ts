import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 unguessable bits in URL-safe base64: links, states, cookies, confirmation codes, PKCE verifiers. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of it. */
export function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** The S256 challenge of a PKCE verifier (RFC 7636 §4.2). */
export function challengeOf(codeVerifier: string): string {
  return digestOf(codeVerifier).toString('base64url');
}

export function isDigestOf(digest: Buffer | null, secret: string): boolean {
  return digest !== null && timingSafeEqual(digest, digestOf(secret));
}
