import type { RawResponse, TokenGrant } from '#provider-kit';
import type { NewAuthorization } from './new-authorization.js';

/** An answer with success that could not be read as tokens: kept sealed, and read again once the settings have changed. */
export interface UnreadAnswer {
  /** The request that was answered. */
  readonly grant: TokenGrant;
  /** Database's clock, RFC 3339: when it was sent, for lifetimes count from then. */
  readonly issuedAt: string;
  readonly answer: RawResponse;
  /** Of the authorisation that was answered; absent for a renewal. */
  readonly authorization?: NewAuthorization;
}
