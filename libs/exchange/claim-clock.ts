import type { Clock } from '#provider-kit';
import type { Claim } from '#vault';

/** The database's clock now, as far as the claim tells: never ahead of it. */
export function databaseNow(claim: Claim, clock: Clock): Date {
  return databaseTime(claim, clock.monotonicMs());
}

/** An instant of this process's monotonic clock on the database's clock. */
export function databaseTime(claim: Claim, monotonicMs: number): Date {
  return new Date(claim.claimedAt.getTime() + Math.max(0, monotonicMs - claim.answeredAtMs));
}

export function after(instant: Date, seconds: number): Date {
  return new Date(instant.getTime() + seconds * 1_000);
}
