import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 unguessable bits in URL-safe base64: links, states, cookies, confirmation codes, PKCE verifiers. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Whether it could be one of ours; to be asked before the database is. */
export function isSecret(text: string): boolean {
  return /^[\w-]{43}$/.test(text);
}

/** Whether it could be a state: ours, or a provider's own (RFC 6749 appendix A.5). */
export function isState(text: string): boolean {
  return /^[\x20-\x7e]{1,1024}$/.test(text);
}

/** The digest that is stored of it. */
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
