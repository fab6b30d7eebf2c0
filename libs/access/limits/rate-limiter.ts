import type { LRUCache } from 'lru-cache';
import { growingCache } from '#vault';

export interface Rate {
  /** How many come back each second. */
  readonly perSecond: number;
  /** How many may be taken at once. */
  readonly burst: number;
}

/** In milliseconds of the clock that the callers read. */
interface Bucket {
  /** When it would be full again. */
  fullAtMs: number;
}

/**
 * Token buckets, one per name, each kept as one number: the time at which it would be full again (the generic cell
 * rate algorithm). Of the names, the one used longest ago is forgotten first.
 */
export class RateLimiter {
  private readonly buckets: LRUCache<string, Bucket>;

  constructor(mostNames: number) {
    this.buckets = growingCache(mostNames);
  }

  /** How long until one can be taken, milliseconds; 0: now. */
  waitMs(name: string, rate: Rate, nowMs: number): number {
    return waitMs(this.buckets.get(name)?.fullAtMs ?? nowMs, rate, nowMs);
  }

  /** Takes one. @returns as `waitMs`; nothing is taken unless it is 0 */
  take(name: string, rate: Rate, nowMs: number): number {
    const bucket = this.buckets.get(name);
    const fullAtMs = bucket?.fullAtMs ?? nowMs;
    const wait = waitMs(fullAtMs, rate, nowMs);
    if (wait > 0) return wait;
    const nextMs = Math.max(fullAtMs, nowMs) + 1_000 / rate.perSecond;
    // Looked up once: a token read takes two.
    if (bucket) bucket.fullAtMs = nextMs;
    else this.buckets.set(name, { fullAtMs: nextMs });
    return 0;
  }

  /** Gives back what was taken for nothing. */
  giveBack(name: string, rate: Rate): void {
    const bucket = this.buckets.get(name);
    if (bucket) bucket.fullAtMs -= 1_000 / rate.perSecond;
  }
}

function waitMs(fullAtMs: number, rate: Rate, nowMs: number): number {
  return Math.max(0, fullAtMs - nowMs - ((rate.burst - 1) * 1_000) / rate.perSecond);
}
