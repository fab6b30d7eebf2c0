import type { ServedToken } from '#token-reads';
import type { AdmittedCaller } from './cached-admission.js';
import type { DoorAnswer } from './door.js';

/** Milliseconds. */
const mostMs = 100;

/** An answer that is right again for the same request until a moment, unless a change is heard before. */
export interface Served {
  readonly caller: AdmittedCaller;
  /** `RequestLimits.takerFor` this caller. */
  readonly take: (nowMs: number) => number;
  readonly tokens: readonly [ServedToken, ...ServedToken[]];
  readonly answer: DoorAnswer;
  /** `ChangeFeed.changes` */
  readonly changes: number;
  /** On the monotonic clock. */
  readonly untilMs: number;
}

/**
 * Until one of the tokens has a whole second less, and in any case not for long: the end of a key, which nobody tells, comes
 * so much late.
 */
export function goodUntilMs(tokens: Served['tokens'], nowMs: number): number {
  const secondsEnd = tokens.map(({ expiresAtMs }) => (expiresAtMs - nowMs) % 1_000);
  return nowMs + Math.min(mostMs, ...secondsEnd);
}
