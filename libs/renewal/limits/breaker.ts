/**
 * Circuit breaker of one partition, as a value: closed, open until an instant, then half-open, when one request may try
 * whether the provider is back. Each failed try doubles the wait. Instants are milliseconds of any one clock.
 */
export interface Breaker {
  /** Failures in a row. */
  readonly failures: number;
  /** Null while closed. */
  readonly openUntilMs: number | null;
  /** Times in a row it has opened. */
  readonly openings: number;
  /** The latest failure. */
  readonly failedAtMs: number;
}

export interface BreakerLimits {
  readonly failures: number;
  readonly maxSeconds: number;
}

export const closed: Breaker = { failures: 0, openUntilMs: null, openings: 0, failedAtMs: 0 };

/** A partition that was not asked for so long, although its breaker allowed it, is forgotten: it may be gone. */
const worthMs = 600_000;

export function isOutdated({ openUntilMs, failedAtMs }: Breaker, nowMs: number): boolean {
  return nowMs >= (openUntilMs ?? failedAtMs) + worthMs;
}

/** How many requests may be begun beside those under way. */
export function allowance(breaker: Breaker, underWay: number, nowMs: number): number {
  if (breaker.openUntilMs === null) return Number.POSITIVE_INFINITY;
  return nowMs < breaker.openUntilMs || underWay > 0 ? 0 : 1;
}

/** @param random 0 to 1: replicas must not probe in step */
export function afterBreakdown(
  breaker: Breaker,
  limits: BreakerLimits,
  nowMs: number,
  random: () => number = Math.random,
): Breaker {
  const failures = breaker.failures + 1;
  if (failures < limits.failures) return { ...breaker, failures, failedAtMs: nowMs };
  // Requests sent before it opened tell nothing new.
  if (breaker.openUntilMs !== null && nowMs < breaker.openUntilMs)
    return { ...breaker, failures, failedAtMs: nowMs };
  const openings = breaker.openings + 1;
  const seconds = Math.min(limits.maxSeconds, 2 ** Math.min(openings - 1, 20));
  const openUntilMs = nowMs + seconds * 1_000 * (1 - 0.2 * random());
  return { failures, openings, openUntilMs, failedAtMs: nowMs };
}
