import type { FailureClass, FailureCode } from '#provider-kit';

interface Backoff {
  /** Seconds; doubled at each further attempt. */
  readonly baseSeconds: number;
  readonly capSeconds: number;
  /** For so long not even a reader of an expired token asks again. */
  readonly holdBackSeconds: number;
}

/** A configuration failure waits for a person; an hour at most, so that a corrected secret is tried without one. */
const misconfigured: Backoff = { baseSeconds: 30, capSeconds: 3_600, holdBackSeconds: 5 };

/** A failure at the provider may end at any moment. */
const broken = (capSeconds: number): Backoff => ({ baseSeconds: 1, capSeconds, holdBackSeconds: 1 });

/** An answer with success that cannot be read: asking again may use up one more refresh token for nothing. */
const unreadable = { firstSeconds: 60, capSeconds: 3_600 };

/**
 * When a failed renewal is tried again: full jitter between one second and the doubled base, never before the
 * provider's `Retry-After`; after a terminal failure not at all.
 * @param maxSeconds most between two attempts while the provider is down
 * @param random 0 to 1
 */
export function afterFailure(
  failure: {
    code?: FailureCode;
    class: FailureClass;
    attempts: number;
    retryAfterSeconds?: number | undefined;
  },
  maxSeconds: number,
  random: () => number = Math.random,
): { nextAttemptSeconds: number | null; holdBackSeconds: number } {
  if (failure.class === 'terminal') return { nextAttemptSeconds: null, holdBackSeconds: 0 };
  if (failure.code === 'malformed_response') {
    const doubled = unreadable.firstSeconds * 2 ** Math.min(failure.attempts - 1, 20);
    const seconds = Math.max(Math.min(unreadable.capSeconds, doubled), failure.retryAfterSeconds ?? 0);
    return { nextAttemptSeconds: seconds, holdBackSeconds: seconds };
  }
  const { baseSeconds, capSeconds, holdBackSeconds } =
    failure.class === 'configuration' ? misconfigured : broken(maxSeconds);
  const ceiling = Math.max(1, Math.min(capSeconds, baseSeconds * 2 ** Math.min(failure.attempts, 20)));
  const asked = failure.retryAfterSeconds ?? 0;
  return {
    nextAttemptSeconds: Math.max(asked, holdBackSeconds, 1 + random() * (ceiling - 1)),
    holdBackSeconds: Math.max(asked, holdBackSeconds),
  };
}
