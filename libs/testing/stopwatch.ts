import { clearInterval, setInterval } from 'node:timers';

const tickMs = 20;
/** A tick that comes so much late tells of a process that was not run: the machine paused, or had others to serve. */
const pauseMs = 100;

/**
 * Times what has to be done within a limit, in milliseconds, and leaves out the pauses in which this process was
 * not run. A machine that stands still for a second says nothing about the product: without this, every limit of
 * a few hundred milliseconds fails on a busy machine now and then.
 */
export class Stopwatch implements Disposable {
  private readonly startedAtMs = performance.now();
  private lastTickMs = this.startedAtMs;
  private pausesMs = 0;
  private readonly ticks = setInterval(() => this.tick(), tickMs).unref();

  /** Since the start, without the pauses. */
  elapsedMs(): number {
    return performance.now() - this.startedAtMs - this.pausedMs();
  }

  /** The length of all pauses together. */
  pausedMs(): number {
    this.tick();
    return this.pausesMs;
  }

  [Symbol.dispose](): void {
    clearInterval(this.ticks);
  }

  private tick(): void {
    const nowMs = performance.now();
    const sinceMs = nowMs - this.lastTickMs;
    if (sinceMs > pauseMs) this.pausesMs += sinceMs;
    this.lastTickMs = nowMs;
  }
}
