import type { FailureClass, ProviderDescriptor } from '#provider-kit';
import type { RenewalMode } from '#vault';

/** What an exchange needs to know about timing. The decisions are made elsewhere; it only writes them down. */
export interface ExchangePolicy {
  /** Seconds from issue until the tokens should be renewed; null: not by itself. */
  renewAfterSeconds(tokens: IssuedLifetimes): number | null;
  /** What follows a failure. */
  afterFailure(failure: {
    readonly class: FailureClass;
    readonly attempts: number;
    readonly retryAfterSeconds?: number | undefined;
  }): { readonly nextAttemptSeconds: number | null; readonly holdBackSeconds: number };
}

export interface IssuedLifetimes {
  readonly connectionId: string;
  readonly provider: ProviderDescriptor;
  readonly renewal: RenewalMode;
  readonly accessTokenSeconds: number;
  /** Null without a refresh token, or where its life is unknown. */
  readonly refreshTokenSeconds: number | null;
}
