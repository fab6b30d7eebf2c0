import type { Clock } from '#provider-kit';

/**
 * How far one call has come. The agent and the transport write it, the error translation reads it: whether a
 * one-time credential may be spent is decided here and nowhere else.
 */
export class CallProgress {
  /** From the moment a connected socket was handed the request: from then on the provider may have acted. */
  requestSent = false;
  egressRefused = false;

  private readonly abort = new AbortController();
  private readonly timer: NodeJS.Timeout;

  /** @param deadlineMonotonicMs hard: covers resolution, connection, TLS, headers and the last byte of the body */
  constructor(
    private readonly clock: Clock,
    private readonly deadlineMonotonicMs: number,
  ) {
    this.timer = setTimeout(() => this.abort.abort(), Math.max(0, deadlineMonotonicMs - clock.monotonicMs()));
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
}
