import { LRUCache } from 'lru-cache';

export interface Rate {
  /** How many come back each second. */
  readonly perSecond: number;
  /** How many may be taken at once. */
  readonly burst: number;
}

/**
 * Token buckets, one per name, each kept as one number: the time at which it would be full again (the generic cell
 * rate algorithm). Of the names, the one used longest ago is forgotten first.
 */
export class RateLimiter {
  /** In milliseconds of the clock that the callers read. */
  private readonly fullAtMs: LRUCache<string, number>;

  constructor(mostNames: number) {
    this.fullAtMs = new LRUCache({ maxSize: mostNames, sizeCalculation: () => 1 });
  }

  /** How long until one can be taken, milliseconds; 0: now. */
  waitMs(name: string, rate: Rate, nowMs: number): number {
    const owedMs = (this.fullAtMs.get(name) ?? nowMs) - nowMs;
    return Math.max(0, owedMs - ((rate.burst - 1) * 1_000) / rate.perSecond);
  }

  /** Takes one. @returns as `waitMs`; nothing is taken unless it is 0 */
  take(name: string, rate: Rate, nowMs: number): number {
    const waitMs = this.waitMs(name, rate, nowMs);
    if (waitMs > 0) return waitMs;
    const fullAtMs = Math.max(this.fullAtMs.get(name) ?? nowMs, nowMs) + 1_000 / rate.perSecond;
    this.fullAtMs.set(name, fullAtMs);
    return 0;
  }

  /** Gives back what was taken for nothing. */
  giveBack(name: string, rate: Rate): void {
    const fullAtMs = this.fullAtMs.get(name);
    if (fullAtMs !== undefined) this.fullAtMs.set(name, fullAtMs - 1_000 / rate.perSecond);
  }
}
