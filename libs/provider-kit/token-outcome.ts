import type { ProviderFailure } from './provider-failure.js';
import type { TokenSet } from './token-set.js';

/** How a token request that was answered ended. A request that was not answered throws `UpstreamError` instead. */
export type TokenOutcome =
  | { readonly kind: 'tokens'; readonly tokens: TokenSet }
  /** CIBA only (OpenID CIBA Core §11): ask again, no sooner than the interval; `slowDown` adds 5 s for good. */
  | { readonly kind: 'pending'; readonly slowDown: boolean; readonly intervalSeconds?: number }
  | UnreadableOutcome
  | FailedOutcome;

/**
 * The provider answered with success (2xx, and no error in it), and with nothing that reads as a token set here. It may
 * have rotated all the same, so the answer must not be thrown away.
 */
export interface UnreadableOutcome {
  readonly kind: 'unreadable';
  /** `malformed_response`; its `member` names what is at fault. */
  readonly failure: ProviderFailure;
  /** The one found in it, wherever it stands; null: it has one that cannot be sent back. */
  readonly refreshToken?: string | null;
}

export interface FailedOutcome {
  readonly kind: 'failed';
  readonly failure: ProviderFailure;
}
