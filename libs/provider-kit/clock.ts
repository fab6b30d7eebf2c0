/**
 * The two clocks a process may read. Nothing that decides about a lease or an expiry uses the wall clock:
 * durations come from `monotonicMs`, instants from the database.
 */
export interface Clock {
  /** Wall clock, for logs and for JWT claims only. */
  now(): Date;
  /** Milliseconds on a clock that never jumps; meaningful only as a difference. */
  monotonicMs(): number;
}

/** Injection token of the process's `Clock`. */
export const CLOCK = Symbol('CLOCK');

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};
