/**
 * What a token endpoint answered with success (RFC 6749 §5.1). Lifetimes count from the moment the request was
 * sent, so they are durations here; the writer of the set turns them into instants of the database's clock.
 */
export interface TokenSet {
  readonly accessToken: string;
  /** As the provider spelled it; `Bearer` in any case is the only type the adapters accept. */
  readonly tokenType: string;
  /** 1 s … 1 year; null for a token that does not expire. */
  readonly expiresInSeconds: number | null;
  /** Absent when the response carried none: the one in use stays valid (RFC 6749 §6). */
  readonly refreshToken?: string;
  readonly refreshTokenExpiresInSeconds?: number;
  /** Absent when the response carried none: the scope is the one asked for (RFC 6749 §5.1). */
  readonly scope?: string;
}
