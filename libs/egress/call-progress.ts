import type { Clock } from '#provider-kit';

/** A timer that fires so much too late was held up by a process that stood still, not by a busy one. */
const stalledMs = 250;

/** The most time that it takes to read an answer that already lies in the socket's buffer. */
const readingMs = 500;

/**
 * How far one call has come. The agent and the transport write it, the error translation reads it: whether a
 * one-time credential may be sent is decided here and nowhere else.
 */
export class CallProgress {
  /** From the moment a connected socket was handed the request: from then on the provider may have acted. */
  requestSent = false;
  egressRefused = false;

  private readonly abort = new AbortController();
  private timer: NodeJS.Timeout;

  /** @param deadlineMonotonicMs hard: covers resolution, connection, TLS, headers and the last byte of the body */
  constructor(
    private readonly clock: Clock,
    private readonly deadlineMonotonicMs: number,
  ) {
    this.timer = setTimeout(() => this.onDeadline(), Math.max(0, deadlineMonotonicMs - clock.monotonicMs()));
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Asked of the clock, not of the timer: a stalled event loop delays timers, and must not send late. */
  expired(): boolean {
    if (!this.abort.signal.aborted && this.clock.monotonicMs() >= this.deadlineMonotonicMs)
      this.abort.abort();
    return this.abort.signal.aborted;
  }

  end(): void {
    clearTimeout(this.timer);
  }

  /**
   * A process that was frozen over its deadline runs its timers before it looks at its sockets: what came meanwhile,
   * perhaps the only copy of a rotated refresh token, is read before the call is given up. A request that was not
   * sent is not waited for.
   */
  private onDeadline(): void {
    const lateMs = this.clock.monotonicMs() - this.deadlineMonotonicMs;
    if (this.requestSent && lateMs > stalledMs) {
      this.timer = setTimeout(() => this.abort.abort(), readingMs);
    } else {
      this.abort.abort();
    }
  }
}
