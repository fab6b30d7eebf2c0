import type { Token } from './api-types.js';
import type { Stopwatch } from './stopwatch.js';

/** How long before `minTtl` a token is refreshed while it is still served. */
const aheadSeconds = 60;

/** A token in memory, and how much of it is left. */
export class CachedToken {
  readonly #token: Token;
  readonly #sinceRead: Stopwatch;
  /** Left when this token was seen first, or as near to that as is known. */
  readonly #lifeMs: number;

  /** @param sinceRead started before the token was asked for */
  constructor(token: Token, sinceRead: Stopwatch, previous?: CachedToken) {
    this.#token = token;
    this.#sinceRead = sinceRead;
    const leftMs = token.expires_in === null ? Number.POSITIVE_INFINITY : token.expires_in * 1_000;
    this.#lifeMs = previous?.is(token.access_token) ? Math.max(previous.#lifeMs, leftMs) : leftMs;
  }

  get generation(): number {
    return this.#token.generation;
  }

  get accessToken(): string {
    return this.#token.access_token;
  }

  is(accessToken: string): boolean {
    return this.#token.access_token === accessToken;
  }

  isAlive(): boolean {
    return this.#leftMs() > 0;
  }

  /** Too little is left to serve it, where another can be had. Never more than a third of its life. */
  isShort(minTtl: number): boolean {
    return this.#leftMs() < Math.min(minTtl * 1_000, this.#lifeMs / 3);
  }

  /** It should be refreshed, though it can be served meanwhile. Grantkeeper itself renews from half the life on. */
  isAging(minTtl: number, maxAgeSeconds: number): boolean {
    return (
      this.#leftMs() < Math.min((minTtl + aheadSeconds) * 1_000, this.#lifeMs / 2) ||
      this.#sinceRead.elapsedMs() >= maxAgeSeconds * 1_000
    );
  }

  /** As Grantkeeper would answer now. */
  read(): Token {
    const { fields, expires_in } = this.#token;
    return {
      ...this.#token,
      expires_in: expires_in === null ? null : Math.max(0, Math.floor(this.#leftMs() / 1_000)),
      ...(fields === undefined ? {} : { fields: { ...fields } }),
    };
  }

  #leftMs(): number {
    const { expires_in } = this.#token;
    return expires_in === null ? Number.POSITIVE_INFINITY : expires_in * 1_000 - this.#sinceRead.elapsedMs();
  }
}

/** The `min_ttl` that makes Grantkeeper renew a token of that age. */
export function refreshTtl(minTtl: number): number {
  return Math.min(minTtl + aheadSeconds, 86_400);
}
