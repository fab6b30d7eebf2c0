import { headOf, type JournalHead } from './journal-entry.js';
import type { JournalRecord } from './record.js';
import type { Segment } from './segment.js';

/** Where a record lies. */
export interface Place {
  readonly segment: Segment;
  readonly at: number;
  readonly bytes: number;
}

interface Kept {
  readonly head: JournalHead;
  readonly place: Place;
  settledAtMs: number | null;
}

/** What a journal knows of its entries without reading them again. Grows with the connections, not with renewals. */
export class JournalIndex {
  private readonly entries = new Map<string, Kept>();
  /** The newest entry of each connection: only that one can be of use once it is settled. */
  private readonly newest = new Map<string, string>();

  placeOf(id: string): Place | undefined {
    return this.entries.get(id)?.place;
  }

  isUnsettled(id: string): boolean {
    return this.entries.get(id)?.settledAtMs === null;
  }

  unsettled(): JournalHead[] {
    return [...this.entries.values()]
      .filter(({ settledAtMs }) => settledAtMs === null)
      .map(({ head }) => head);
  }

  all(): JournalHead[] {
    return [...this.entries.values()].map(({ head }) => head);
  }

  note(record: JournalRecord, place: Place): void {
    if ('settled' in record) {
      this.settle(record.settled, record.atMs);
      return;
    }
    const { id, connectionId } = record.entry;
    const before = this.newest.get(connectionId);
    this.entries.delete(id);
    this.entries.set(id, { head: headOf(record.entry), place, settledAtMs: null });
    this.newest.set(connectionId, id);
    if (before !== undefined && before !== id && !this.isUnsettled(before)) this.entries.delete(before);
  }

  settle(id: string, atMs: number): void {
    const kept = this.entries.get(id);
    if (!kept) return;
    kept.settledAtMs = atMs;
    if (this.newest.get(kept.head.connectionId) !== id) this.entries.delete(id);
  }

  /** Segments that hold something unsettled, or settled after that instant. */
  segmentsInUse(afterMs: number): Set<Segment> {
    const used = new Set<Segment>();
    for (const { place, settledAtMs } of this.entries.values()) {
      if (settledAtMs === null || settledAtMs > afterMs) used.add(place.segment);
    }
    return used;
  }

  forget(segment: Segment): void {
    for (const [id, { head, place }] of this.entries) {
      if (place.segment !== segment) continue;
      this.entries.delete(id);
      if (this.newest.get(head.connectionId) === id) this.newest.delete(head.connectionId);
    }
  }
}
