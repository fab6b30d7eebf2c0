import type { Account } from './account.js';

/**
 * A successful answer of a token endpoint (RFC 6749 §5.1). Lifetimes count from the moment the request was
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
  /** Other values that callers of the token need: every name the settings declare, null where this answer lacks it. */
  readonly fields?: Readonly<Record<string, string | null>>;
  /** Who has consented, where the answer itself says so. */
  readonly account?: Account;
  /** OpenID Connect Core §3.1.3.3, as it came: not checked yet. Never stored. */
  readonly idToken?: string;
}
