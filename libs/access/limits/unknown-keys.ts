import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { ChangeFeed } from '#vault';

const mostKeys = 10_000;
const rememberedMs = 10_000;

/** Bearers that were no usable key a moment ago, by their hash. All are forgotten when any key or tenant changes. */
@Injectable()
export class UnknownKeys {
  private readonly names = new LRUCache<string, true>({ max: mostKeys, ttl: rememberedMs });
  private changesHeard = 0;

  constructor(private readonly feed: ChangeFeed) {
    feed.onChange((change) => {
      if (change !== 'missed' && change.kind === 'connection') return;
      this.changesHeard += 1;
      this.names.clear();
    });
  }

  has(name: string): boolean {
    return this.feed.hearing && this.names.has(name);
  }

  /** To be called before the database is asked, for `add`. */
  asking(): number {
    return this.changesHeard;
  }

  add(name: string, asked: number): void {
    if (asked === this.changesHeard) this.names.set(name, true);
  }
}
