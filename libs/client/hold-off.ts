import { GrantkeeperError } from './grantkeeper-error.js';
import { Stopwatch } from './stopwatch.js';

/** Longer than this no question is held back, so that a connection that was mended is seen. */
const longestSeconds = 300;
const longestPauseMs = 30_000;

/** When the next question of one kind may be asked. */
export class HoldOff {
  #since = new Stopwatch();
  #pauseMs = 0;
  #retryAfterMs = 0;
  #error: GrantkeeperError | undefined;

  /** Whether a question that can wait should. */
  isPaused(): boolean {
    return this.#since.elapsedMs() < Math.max(this.#pauseMs, this.#retryAfterMs);
  }

  /** @throws the last error again, until its `Retry-After` has passed */
  check(): void {
    const leftMs = this.#retryAfterMs - this.#since.elapsedMs();
    if (this.#error === undefined || leftMs <= 0) return;
    const { what, code, status, detail, problem } = this.#error;
    throw new GrantkeeperError(what, code, {
      status,
      detail,
      problem,
      retryAfterSeconds: Math.ceil(leftMs / 1_000),
    });
  }

  /** The answer was of no help: the next question waits, each time twice as long. */
  lengthen(error?: unknown): void {
    this.#since = new Stopwatch();
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2 || 1_000);
    this.#error = error instanceof GrantkeeperError ? error : undefined;
    this.#retryAfterMs = Math.min(longestSeconds, this.#error?.retryAfterSeconds ?? 0) * 1_000;
  }

  end(): void {
    this.#pauseMs = 0;
    this.#retryAfterMs = 0;
    this.#error = undefined;
  }
}
