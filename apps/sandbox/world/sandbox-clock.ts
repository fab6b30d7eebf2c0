import { Injectable } from '@nestjs/common';

/** The last instant RFC 3339 can write; a "never expires" token is shown with this one. */
export const LAST_INSTANT_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * The only clock of the sandbox, in milliseconds since 1970 with microseconds behind the point.
 * It runs on the monotonic clock of the process, so a correction of the machine's wall clock neither kills
 * nor revives a token; a test may move it forward to see tokens expire without waiting.
 */
@Injectable()
export class SandboxClock {
  #offsetMs = 0;

  nowMs(): number {
    return performance.timeOrigin + performance.now() + this.#offsetMs;
  }

  advance(seconds: number): void {
    this.#offsetMs += seconds * 1000;
  }

  reset(): void {
    this.#offsetMs = 0;
  }
}

/** RFC 3339 in UTC, whatever the number of milliseconds. */
export function toInstant(epochMs: number): string {
  return new Date(Math.min(epochMs, LAST_INSTANT_MS)).toISOString();
}
