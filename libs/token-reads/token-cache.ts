import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import type { Clock } from '#provider-kit';
import { type Change, ChangeFeed, CLOCK } from '#vault';
import { ReadNotes } from './read-notes.js';
import type { ServedToken } from './token-answer.js';

/** Tokens one replica keeps in memory; the one that was read from the database longest ago is dropped first. */
const maxEntries = 50_000;

/** How long a cached token is trusted while this replica hears no changes but could ask. */
const deafTrustMs = 2_000;

interface Entry {
  readonly token: ServedToken;
  /** When the database last said so, on the monotonic clock. */
  readonly confirmedAtMs: number;
  /** A change may have gone unheard since: good for an outage only. */
  readonly unconfirmed?: true;
}

/**
 * The tokens this replica has read lately. An entry goes when the database says that its connection or tenant
 * changed; while nothing can be heard, entries count only for moments, and for the outage bound when the database
 * cannot be asked either.
 */
@Injectable()
export class TokenCache {
  private readonly entries = new Map<string, Entry>();
  private readonly keyByConnection = new Map<string, string>();

  /** Changes at every word from the database: what was read before it is not kept after it. */
  epoch = 0;

  constructor(
    private readonly feed: ChangeFeed,
    private readonly notes: ReadNotes,
    @Inject(CLOCK) private readonly clock: Clock,
    @InjectSettings() private readonly settings: Settings,
  ) {
    feed.onChange((change) => this.forget(change));
  }

  /** Whether the database's word reaches this replica. */
  get isHearing(): boolean {
    return this.feed.hearing;
  }

  /** The entry, if it may be served without asking the database. */
  get(key: string): ServedToken | undefined {
    const entry = this.entries.get(key);
    if (!entry || entry.unconfirmed) return undefined;
    if (!this.feed.hearing && this.clock.monotonicMs() - entry.confirmedAtMs > deafTrustMs) return undefined;
    return entry.token;
  }

  /** The entry, if it may be served although the database cannot be asked. */
  getDuringOutage(key: string): ServedToken | undefined {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    const { confirmedAtMs, unconfirmed } = entry;
    const knownAtMs = unconfirmed ? confirmedAtMs : Math.max(confirmedAtMs, this.feed.lastHeardAtMs);
    const knownForMs = this.clock.monotonicMs() - knownAtMs;
    return knownForMs <= this.settings.outageReadSeconds * 1_000 ? entry.token : undefined;
  }

  /** @param epoch what `epoch` was before the database was asked */
  put(key: string, token: ServedToken, askedAtMs: number, epoch: number): void {
    if (epoch !== this.epoch) return;
    this.entries.delete(key);
    this.entries.set(key, { token, confirmedAtMs: askedAtMs });
    // Reads of this entry tell nothing new: whoever reads it has read this token.
    this.notes.note(token.connectionId);
    this.keyByConnection.set(token.connectionId, key);
    if (this.entries.size > maxEntries) this.dropOldest();
  }

  /** Forgets the token of one connection. */
  private drop(connectionId: string): void {
    this.epoch += 1;
    const key = this.keyByConnection.get(connectionId);
    if (key === undefined) return;
    this.entries.delete(key);
    this.keyByConnection.delete(connectionId);
  }

  private forget(change: Change | 'missed'): void {
    this.epoch += 1;
    if (change === 'missed') this.doubtAll();
    else if (change.kind === 'connection') this.drop(change.id);
    else if (change.kind === 'tenant') this.dropTenant(change.id);
  }

  /** Told before the feed counts as heard again: what was known up to then may still help through the next outage. */
  private doubtAll(): void {
    const heardUntilMs = this.feed.lastHeardAtMs;
    for (const [key, { token, confirmedAtMs, unconfirmed }] of this.entries) {
      const knownAtMs = unconfirmed ? confirmedAtMs : Math.max(confirmedAtMs, heardUntilMs);
      this.entries.set(key, { token, confirmedAtMs: knownAtMs, unconfirmed: true });
    }
  }

  private dropTenant(tenantId: string): void {
    for (const { token } of this.entries.values())
      if (token.tenantId === tenantId) this.drop(token.connectionId);
  }

  private dropOldest(): void {
    const [oldest] = this.entries.values();
    if (oldest) this.drop(oldest.token.connectionId);
  }
}
