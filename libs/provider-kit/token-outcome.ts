import type { ProviderFailure } from './provider-failure.js';
import type { TokenSet } from './token-set.js';

/** How a token request that was answered ended. A request that was not answered throws `UpstreamError` instead. */
export type TokenOutcome =
  | { readonly kind: 'tokens'; readonly tokens: TokenSet }
  /** CIBA only (OpenID CIBA Core §11): ask again, no sooner than the interval; `slowDown` adds 5 s for good. */
  | { readonly kind: 'pending'; readonly slowDown: boolean; readonly intervalSeconds?: number }
  /**
   * An answer with success that is no token set as far as anybody can tell. It is kept, and read again later;
   * `refreshToken` is the one found in it, null where it has one that cannot be sent back.
   */
  | { readonly kind: 'unreadable'; readonly failure: ProviderFailure; readonly refreshToken?: string | null }
  | FailedOutcome;

export interface FailedOutcome {
  readonly kind: 'failed';
  readonly failure: ProviderFailure;
}
