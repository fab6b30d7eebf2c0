import type { FailureClass } from '#provider-kit';

interface Backoff {
  /** Seconds; doubled at each further attempt. */
  readonly baseSeconds: number;
  readonly capSeconds: number;
  /** For so long not even a reader of an expired token asks again. */
  readonly holdBackSeconds: number;
}

/** What is broken at the provider may mend at any moment; what is misconfigured waits for a person. */
const backoffs: Record<Exclude<FailureClass, 'terminal'>, Backoff> = {
  transient: { baseSeconds: 1, capSeconds: 300, holdBackSeconds: 1 },
  unknown: { baseSeconds: 1, capSeconds: 300, holdBackSeconds: 1 },
  configuration: { baseSeconds: 30, capSeconds: 3_600, holdBackSeconds: 5 },
};

/**
 * When a failed renewal is tried again: full jitter between one second and the doubled base, never before the
 * provider's `Retry-After`; after a terminal failure not at all.
 * @param random 0 to 1
 */
export function afterFailure(
  failure: { class: FailureClass; attempts: number; retryAfterSeconds?: number | undefined },
  random: () => number = Math.random,
): { nextAttemptSeconds: number | null; holdBackSeconds: number } {
  if (failure.class === 'terminal') return { nextAttemptSeconds: null, holdBackSeconds: 0 };
  const { baseSeconds, capSeconds, holdBackSeconds } = backoffs[failure.class];
  const ceiling = Math.min(capSeconds, baseSeconds * 2 ** Math.min(failure.attempts, 20));
  const asked = failure.retryAfterSeconds ?? 0;
  return {
    nextAttemptSeconds: Math.max(asked, holdBackSeconds, 1 + random() * (ceiling - 1)),
    holdBackSeconds: Math.max(asked, holdBackSeconds),
  };
}
