const baseSeconds = 5;
const capSeconds = 7_200;
const leastSeconds = 1;

export interface FailedAttempt {
  /** This one among them. */
  readonly attempts: number;
  /** Until the delivery is given up; negative once that time has passed. */
  readonly giveUpInSeconds: number;
  readonly retryAfterSeconds?: number | undefined;
}

/**
 * Seconds until a failed delivery is tried again: full jitter under a ceiling that doubles from 5 seconds to two
 * hours, never before the receiver's `Retry-After`. The last attempt is made when the time is up, not later.
 * @param random 0 to 1
 * @returns null when it is given up
 */
export function retryInSeconds(failed: FailedAttempt, random: () => number = Math.random): number | null {
  if (failed.giveUpInSeconds <= 0) return null;
  const ceiling = Math.min(capSeconds, baseSeconds * 2 ** Math.min(failed.attempts - 1, 20));
  const wanted = Math.max(leastSeconds, random() * ceiling, failed.retryAfterSeconds ?? 0);
  return Math.min(wanted, failed.giveUpInSeconds);
}
