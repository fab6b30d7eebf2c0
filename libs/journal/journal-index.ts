import { headOf, type JournalHead } from './journal-entry.js';
import type { JournalRecord } from './record.js';
import type { Segment } from './segment.js';

/** Where a record lies. */
export interface Place {
  readonly segment: Segment;
  readonly at: number;
}

interface Unsettled {
  readonly head: JournalHead;
  readonly where: number;
}

interface SegmentUse {
  readonly segment: Segment;
  /** Keys whose newest entry lies in it. */
  newest: number;
  /** Offset of its last entry. */
  lastAt: number;
  /** The last time one of its entries was settled. */
  settledAtMs: number;
}

/** No segment is larger: segment and offset make one number, oldest first. */
const segmentLimit = 2 ** 26;

/**
 * Heads of a journal's entries, known without reading them again: of all those that are unsettled, and of each
 * key where its newest lies, for only that one can be of use once it is settled. A million keys are kept in less than
 * 100 MB.
 */
export class JournalIndex {
  private readonly pending = new Map<string, Unsettled>();
  private readonly newest = new Map<string, number>();
  private readonly segments = new Map<number, SegmentUse>();

  placeOf({ id, key }: JournalHead): Place | undefined {
    const where = this.pending.get(id)?.where ?? this.newest.get(packed(key));
    const segment = where === undefined ? undefined : this.useOf(where)?.segment;
    return where === undefined || !segment ? undefined : { segment, at: where % segmentLimit };
  }

  isUnsettled(id: string): boolean {
    return this.pending.has(id);
  }

  unsettled(): JournalHead[] {
    return [...this.pending.values()].map(({ head }) => head);
  }

  /** Oldest first: those that hold the newest entry of some key. */
  segmentsOfNewest(): Segment[] {
    const used = [...this.segments.values()].filter(({ newest }) => newest > 0);
    return used.map(({ segment }) => segment);
  }

  /** Where the last entry of a segment lies; undefined when it was forgotten. */
  lastAt({ number }: Segment): number | undefined {
    return this.segments.get(number)?.lastAt;
  }

  /** Of an entry as it lies in a segment: whether it is settled, and no newer one of its key has come. */
  isSettledNewest({ id, key }: JournalHead, place: Place): boolean {
    return this.newest.get(packed(key)) === numberOf(place) && !this.pending.has(id);
  }

  note(record: JournalRecord, place: Place): void {
    if ('settled' in record) {
      this.settle(record.settled, record.atMs);
      return;
    }
    const { id } = record.entry;
    const where = numberOf(place);
    const key = packed(record.entry.key);
    const { number } = place.segment;
    const use = this.segments.get(number) ?? { segment: place.segment, newest: 0, lastAt: 0, settledAtMs: 0 };
    this.segments.set(number, use);
    this.leave(this.newest.get(key));
    use.newest += 1;
    use.lastAt = place.at;
    this.newest.set(key, where);
    this.pending.delete(id);
    this.pending.set(id, { head: headOf(record.entry), where });
  }

  settle(id: string, atMs: number): void {
    const settled = this.pending.get(id);
    if (!settled) return;
    this.pending.delete(id);
    const use = this.useOf(settled.where);
    if (use) use.settledAtMs = Math.max(use.settledAtMs, atMs);
  }

  /** Segments that hold something unsettled, or the newest of a key and something settled after that instant. */
  segmentsInUse(afterMs: number): Set<Segment> {
    const used = new Set<Segment>();
    for (const { where } of this.pending.values()) {
      const use = this.useOf(where);
      if (use) used.add(use.segment);
    }
    for (const { segment, newest, settledAtMs } of this.segments.values()) {
      if (newest > 0 && settledAtMs > afterMs) used.add(segment);
    }
    return used;
  }

  /** Nothing in it is unsettled. */
  forget(segment: Segment): void {
    const left = this.segments.get(segment.number)?.newest ?? 0;
    this.segments.delete(segment.number);
    if (left === 0) return;
    for (const [key, where] of this.newest) {
      if (Math.floor(where / segmentLimit) === segment.number) this.newest.delete(key);
    }
  }

  private useOf(where: number): SegmentUse | undefined {
    return this.segments.get(Math.floor(where / segmentLimit));
  }

  private leave(where: number | undefined): void {
    const use = where === undefined ? undefined : this.useOf(where);
    if (use) use.newest -= 1;
  }
}

function numberOf({ segment, at }: Place): number {
  return segment.number * segmentLimit + at;
}

/** A UUID in 16 characters rather than 36. */
function packed(key: string): string {
  return Buffer.from(key.replaceAll('-', ''), 'hex').toString('latin1');
}
