import type { FailedOutcome } from './token-outcome.js';

/** The tokens that are left of a grant, to ask the provider with. */
export interface ProbedGrant {
  /** Null once it has expired. */
  readonly accessToken: string | null;
  /** The word to write before it. */
  readonly tokenType: string;
  readonly refreshToken: string | null;
  /** As it was granted. */
  readonly scope: string | null;
}

/** A provider's word on a grant; `failed` where it was asked and gave no usable answer. */
export type ProbeOutcome =
  | { readonly kind: 'alive' }
  | { readonly kind: 'dead'; readonly reason: 'token_inactive' | 'token_refused' }
  | { readonly kind: 'untold'; readonly reason: 'not_probeable' | 'no_live_token' }
  | FailedOutcome;
