import type { FailureClass, ProviderDescriptor } from '#provider-kit';
import type { RenewalMode } from '#vault';

/** What an exchange needs to know about timing. The decisions are made elsewhere; it only writes them down. */
export interface ExchangePolicy {
  dueAfter(tokens: IssuedLifetimes): DueTimes;
  /** What follows a failure. */
  afterFailure(failure: {
    readonly class: FailureClass;
    readonly attempts: number;
    readonly retryAfterSeconds?: number | undefined;
  }): { readonly nextAttemptSeconds: number | null; readonly holdBackSeconds: number };
}

/** Seconds from issue. */
export interface DueTimes {
  /** When the tokens fall due; null: not by themselves. */
  readonly nextSeconds: number | null;
  /** When they fall due once somebody has read them; null where reading changes nothing. */
  readonly onceReadSeconds: number | null;
}

export interface IssuedLifetimes {
  readonly connectionId: string;
  readonly provider: Pick<ProviderDescriptor, 'renewalInvalidatesPrevious'>;
  readonly renewal: RenewalMode;
  readonly accessTokenSeconds: number;
  /** Null where it is unknown. */
  readonly refreshTokenSeconds: number | null;
  /** Whether there is one. */
  readonly hasRefreshToken: boolean;
}
