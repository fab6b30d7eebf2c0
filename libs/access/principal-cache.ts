import type { Change } from '#vault';
import type { Principal } from './principal.js';

export interface CachedPrincipal {
  readonly principal: Principal;
  /** When the database was last asked about it; on the monotonic clock, as is the next. */
  readonly askedAtMs: number;
  readonly expiresAtMs: number;
  /** A change may have gone unheard since: good for an outage only, and no older than `askedAtMs` says. */
  readonly unconfirmed?: true;
}

/** 10 000 keys are about 5 MB. */
const maxEntries = 10_000;

/** What is known about keys in use. Forgets the one that came first when full. */
export class PrincipalCache {
  private readonly entries = new Map<string, CachedPrincipal>();
  /** Grows with every change heard: what was asked before one must not be kept after it. */
  private changes = 0;

  get version(): number {
    return this.changes;
  }

  get(hash: string): CachedPrincipal | undefined {
    return this.entries.get(hash);
  }

  /** @param version as it was when the database was asked */
  keep(hash: string, entry: CachedPrincipal, version: number): void {
    if (version !== this.changes) return;
    this.entries.delete(hash);
    const oldest = this.entries.keys().next();
    if (this.entries.size >= maxEntries && !oldest.done) this.entries.delete(oldest.value);
    this.entries.set(hash, entry);
  }

  drop(hash: string): void {
    this.entries.delete(hash);
  }

  /** @param heardUntilMs up to when nothing can have been missed */
  forget(change: Change | 'missed', heardUntilMs: number): void {
    if (change !== 'missed' && change.kind === 'connection') return;
    this.changes += 1;
    if (change === 'missed') {
      for (const [hash, entry] of this.entries) {
        const askedAtMs = entry.unconfirmed ? entry.askedAtMs : Math.max(entry.askedAtMs, heardUntilMs);
        this.entries.set(hash, { ...entry, askedAtMs, unconfirmed: true });
      }
      return;
    }
    for (const [hash, { principal }] of this.entries) {
      const id = change.kind === 'api_key' ? principal.callerId : principal.tenantId;
      if (id === change.id) this.entries.delete(hash);
    }
  }
}
