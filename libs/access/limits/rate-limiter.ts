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

/** The bucket of one name, and how it fills. */
export interface Limit {
  readonly bucket: Bucket;
  readonly rate: Rate;
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
    return takeFrom(this.limitOf(name, rate), nowMs);
  }

  /** For `takeFrom`, by somebody who takes many in a moment; full where the name is new. */
  limitOf(name: string, rate: Rate): Limit {
    const known = this.buckets.get(name);
    const bucket = known ?? { fullAtMs: Number.NEGATIVE_INFINITY };
    if (!known) this.buckets.set(name, bucket);
    return { bucket, rate };
  }

  /** Gives back what was taken for nothing. */
  giveBack(name: string, rate: Rate): void {
    const bucket = this.buckets.get(name);
    if (bucket) bucket.fullAtMs -= 1_000 / rate.perSecond;
  }
}

/** Takes one. @returns how long until one can be taken, milliseconds; nothing is taken unless it is 0 */
export function takeFrom({ bucket, rate }: Limit, nowMs: number): number {
  const wait = waitMs(bucket.fullAtMs, rate, nowMs);
  if (wait === 0) bucket.fullAtMs = Math.max(bucket.fullAtMs, nowMs) + 1_000 / rate.perSecond;
  return wait;
}

function waitMs(fullAtMs: number, rate: Rate, nowMs: number): number {
  return Math.max(0, fullAtMs - nowMs - ((rate.burst - 1) * 1_000) / rate.perSecond);
}
