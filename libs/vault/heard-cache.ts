import type { LRUCache } from 'lru-cache';
import type { Clock } from '#provider-kit';
import type { Change, ChangedKind, ChangeFeed } from './change-feed.js';
import { growingCache } from './growing-cache.js';

/** How long an entry is trusted while this process hears no changes but could ask, milliseconds. */
const deafTrustMs = 2_000;

/** Rows whose last change is remembered, for values that were asked for before it. */
const mostChangedRows = 20_000;

export interface HeardCacheOptions<Value> {
  readonly maxEntries: number;
  /** How long an entry is good while the database cannot be asked, seconds. */
  readonly outageSeconds: number;
  /** The rows of which a value tells: it goes when one of them changes. All values name rows of the same kinds. */
  readonly rowsOf: Readonly<Record<ChangedKind, ((value: Value) => string | null) | undefined>>;
}

/** When the database was asked, for `put`. */
export interface Asked {
  /** On the monotonic clock. */
  readonly atMs: number;
  readonly changesHeard: number;
}

interface Entry<Value> {
  readonly value: Value;
  /** When the database last said so, on the monotonic clock. */
  confirmedAtMs: number;
  /** A change may have gone unheard since: good for an outage only. */
  isUnconfirmed: boolean;
}

/**
 * Values that this process has read lately, by key. A value goes when the database says that a row it tells of has
 * changed. While the changes are not heard, it counts for moments only; while the database cannot be asked either, for
 * the outage bound since it was last known to be right. When full, the value that was used longest ago goes.
 */
export class HeardCache<Value extends object> {
  private readonly entries: LRUCache<string, Entry<Value>>;
  /** By the id of a row, the keys of the values that tell of it. Most rows have one, which needs no set of its own. */
  private readonly keysByRow = new Map<string, string | Set<string>>();
  /** Grows with every change that may concern an entry. */
  private changesHeard = 0;
  /** Which change of a row was the last one: a value asked for before it is not kept after it. */
  private readonly lastChange = growingCache<number>(mostChangedRows, (change, _, reason) => {
    if (reason === 'evict') this.lastForgotten = change;
  });
  /** Of a change up to this one nobody knows which row it was of. */
  private lastForgotten = 0;

  constructor(
    private readonly feed: ChangeFeed,
    private readonly clock: Clock,
    private readonly options: HeardCacheOptions<Value>,
  ) {
    this.entries = growingCache(options.maxEntries, ({ value }, key) => this.unlink(key, value));
    feed.onChange((change) => this.hear(change));
  }

  get size(): number {
    return this.entries.size;
  }

  /** The value, if it is good without asking the database. */
  get(key: string, nowMs = this.clock.monotonicMs()): Value | undefined {
    const entry = this.entries.get(key);
    if (!entry || entry.isUnconfirmed) return undefined;
    if (nowMs - entry.confirmedAtMs > deafTrustMs && !this.feed.isHearing(nowMs)) return undefined;
    return entry.value;
  }

  /** The value, if it is good although the database cannot be asked. */
  getDuringOutage(key: string): Value | undefined {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    const knownForMs = this.clock.monotonicMs() - this.knownUntilMs(entry);
    return knownForMs < this.options.outageSeconds * 1_000 ? entry.value : undefined;
  }

  /** To be called before the database is asked for a value that is to be put. */
  asking(): Asked {
    return { atMs: this.clock.monotonicMs(), changesHeard: this.changesHeard };
  }

  /** @returns false when a row that the value tells of has changed since it was asked for: it is not kept then */
  put(key: string, value: Value, { atMs, changesHeard }: Asked): boolean {
    const rows = this.rowsOf(value);
    if (changesHeard < this.lastForgotten) return false;
    if (rows.some((row) => (this.lastChange.get(row) ?? 0) > changesHeard)) return false;
    this.entries.set(key, { value, confirmedAtMs: atMs, isUnconfirmed: false });
    for (const row of rows) this.link(row, key);
    return true;
  }

  drop(key: string): void {
    this.entries.delete(key);
  }

  private hear(change: Change | 'missed'): void {
    if (change !== 'missed' && !this.tellsOf(change)) return;
    this.changesHeard += 1;
    if (change === 'missed') {
      this.lastForgotten = this.changesHeard;
      this.doubtAll();
      return;
    }
    this.lastChange.set(change.id, this.changesHeard);
    const keys = this.keysByRow.get(change.id) ?? [];
    for (const key of typeof keys === 'string' ? [keys] : keys) this.drop(key);
  }

  private tellsOf({ kind }: Change): boolean {
    return kind !== 'new_api_key' && this.options.rowsOf[kind] !== undefined;
  }

  /** Told before the feed counts as heard again: the time up to then still counts in the next outage. */
  private doubtAll(): void {
    this.entries.forEach((entry) => {
      entry.confirmedAtMs = this.knownUntilMs(entry);
      entry.isUnconfirmed = true;
    });
  }

  /** Up to when no change can have gone unheard. */
  private knownUntilMs({ confirmedAtMs, isUnconfirmed }: Entry<Value>): number {
    return isUnconfirmed ? confirmedAtMs : Math.max(confirmedAtMs, this.feed.lastHeardAtMs);
  }

  private link(row: string, key: string): void {
    const keys = this.keysByRow.get(row);
    if (typeof keys === 'object') keys.add(key);
    else this.keysByRow.set(row, keys === undefined || keys === key ? key : new Set([keys, key]));
  }

  private unlink(key: string, value: Value): void {
    for (const row of this.rowsOf(value)) {
      const keys = this.keysByRow.get(row);
      if (typeof keys === 'object') keys.delete(key);
      if (keys === key || (typeof keys === 'object' && keys.size === 0)) this.keysByRow.delete(row);
    }
  }

  /** Their ids, which differ between kinds, except that the workload identities of a tenant have its own. */
  private rowsOf(value: Value): string[] {
    return Object.values(this.options.rowsOf).flatMap((rowOf) => rowOf?.(value) ?? []);
  }
}
