import { basename } from 'node:path';
import { type JournalError, journalError } from './journal.errors.js';
import { headOf, type JournalEntry, type JournalHead } from './journal-entry.js';
import { decodeRecords, encodeRecord, type JournalRecord } from './record.js';
import { Segment } from './segment.js';

export interface JournalOptions {
  /** Default 4 MiB. */
  readonly segmentBytes?: number;
  /** Room set aside for one answer, default 256 KiB: 64 KiB as JSON, sealed. */
  readonly reservationBytes?: number;
  /** How long a settled entry is kept, milliseconds; default 24 h. */
  readonly keepSettledMs?: number;
  /** Wall clock, milliseconds. */
  readonly now?: () => number;
}

export interface JournalReservation {
  /** Resolves when the entry is on the disk. @throws JournalError `journal_unavailable` */
  write(entry: JournalEntry): Promise<void>;
  /** Gives the room back; harmless after `write`. */
  release(): void;
}

interface Place {
  readonly segment: Segment;
  readonly at: number;
  readonly bytes: number;
}

interface Kept {
  readonly head: JournalHead;
  readonly place: Place;
  settledAtMs: number | null;
}

interface Waiting {
  readonly record: JournalRecord;
  readonly block: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: JournalError) => void;
}

/** Marks wait so long for an answer to ride with; they need not be durable at once. */
const markDelayMs = 200;

/**
 * Answers of providers on this process's own disk, from before they are read until a day after the database has them.
 * All that wait are written and synced together; room is set aside beforehand, so that an answer can always be kept.
 */
export class Journal {
  /** Segments that hold something unreadable behind their last whole record. */
  damaged = 0;
  /** Times the disk was synced for entries. */
  syncs = 0;

  /** In use, oldest first; the last one is written. */
  private readonly segments: Segment[] = [];
  /** Set aside, empty. */
  private readonly spares: Segment[] = [];
  private spareBytes = 0;
  private readonly entries = new Map<string, Kept>();
  /** The newest entry of each connection. */
  private readonly newest = new Map<string, string>();
  private readonly marks: JournalRecord[] = [];
  private waiting: Waiting[] = [];
  private reservedBytes = 0;
  private growing: Promise<void> | undefined;
  private writing: Promise<void> | undefined;
  private markTimer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly folder: string,
    private readonly options: Required<JournalOptions>,
    private readonly onClose: (isEmpty: boolean) => Promise<void>,
  ) {}

  /** @throws JournalError `journal_unreadable` */
  static async open(
    folder: string,
    options: JournalOptions = {},
    onClose: (isEmpty: boolean) => Promise<void> = async () => undefined,
  ): Promise<Journal> {
    const journal = new Journal(
      folder,
      {
        segmentBytes: options.segmentBytes ?? 4 * 1024 * 1024,
        reservationBytes: options.reservationBytes ?? 256 * 1024,
        keepSettledMs: options.keepSettledMs ?? 24 * 3_600_000,
        now: options.now ?? Date.now,
      },
      onClose,
    );
    try {
      for (const name of await Segment.list(folder)) journal.take(await Segment.open(folder, name));
      await journal.discardOld();
    } catch (error) {
      throw journalError('journal_unreadable', error);
    }
    return journal;
  }

  /** Names this journal for good: its folder. */
  get id(): string {
    return basename(this.folder);
  }

  /**
   * Sets room aside for one answer of the largest size.
   * @throws JournalError `journal_unavailable`: nothing must be spent then
   */
  async reserve(): Promise<JournalReservation> {
    const bytes = this.options.reservationBytes;
    while (this.room() < bytes) await this.grow();
    this.reservedBytes += bytes;
    let held = bytes;
    const release = () => {
      this.reservedBytes -= held;
      held = 0;
    };
    return {
      release,
      write: async (entry) => {
        const block = encodeRecord({ entry });
        // An answer that escapes into more than was set aside needs room of its own.
        while (block.length > held && this.room() + held < block.length) await this.grow();
        release();
        this.reservedBytes += block.length;
        await this.enqueue({ entry }, block);
      },
    };
  }

  /** Entries whose end is not known to be in the database, oldest first. */
  unsettled(): JournalHead[] {
    return [...this.entries.values()]
      .filter(({ settledAtMs }) => settledAtMs === null)
      .map(({ head }) => head);
  }

  /** The newest entry of each connection, and everything unsettled, oldest first. */
  keptHeads(): JournalHead[] {
    return [...this.entries.values()]
      .filter(
        ({ head, settledAtMs }) => settledAtMs === null || this.newest.get(head.connectionId) === head.id,
      )
      .map(({ head }) => head);
  }

  /** @throws JournalError `journal_unreadable` */
  async read(id: string): Promise<JournalEntry> {
    try {
      const kept = this.entries.get(id);
      if (!kept) throw new Error('There is no such entry.');
      const { segment, at, bytes } = kept.place;
      const [first] = decodeRecords(await segment.read(at, bytes)).records;
      if (!first || !('entry' in first.record)) throw new Error('The entry is damaged.');
      return first.record.entry;
    } catch (error) {
      throw journalError('journal_unreadable', error);
    }
  }

  /** The end of that entry is in the database. Durable soon: a mark that is lost costs a comparison. */
  settle(id: string): void {
    const kept = this.entries.get(id);
    if (!kept || kept.settledAtMs !== null) return;
    const atMs = this.options.now();
    this.markSettled(id, atMs);
    this.marks.push({ settled: id, atMs });
    this.markTimer ??= setTimeout(() => {
      this.markTimer = undefined;
      void this.flush();
    }, markDelayMs);
  }

  async close(): Promise<void> {
    clearTimeout(this.markTimer);
    this.markTimer = undefined;
    await this.flush();
    await this.discardOld();
    await Promise.all(this.segments.map((segment) => segment.close()));
    await this.onClose(this.entries.size === 0);
  }

  private room(): number {
    return (this.segments.at(-1)?.free ?? 0) + this.spareBytes - this.reservedBytes;
  }

  private async grow(): Promise<void> {
    this.growing ??= (async () => {
      const number = (this.spares.at(-1)?.number ?? this.segments.at(-1)?.number ?? 0) + 1;
      const bytes = Math.max(this.options.segmentBytes, this.options.reservationBytes * 2);
      const segment = await Segment.create(this.folder, number, bytes);
      this.spares.push(segment);
      this.spareBytes += segment.bytes - this.options.reservationBytes;
      await this.discardOld();
    })().finally(() => {
      this.growing = undefined;
    });
    try {
      await this.growing;
    } catch (error) {
      throw journalError('journal_unavailable', error);
    }
  }

  private enqueue(record: JournalRecord, block: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ record, block, resolve, reject });
      void this.flush();
    });
  }

  /** One writer at a time; whatever came meanwhile goes with the next. */
  private async flush(): Promise<void> {
    if (this.writing) {
      await this.writing;
      if (this.waiting.length === 0 && this.marks.length === 0) return;
    }
    this.writing ??= this.writeAll().finally(() => {
      this.writing = undefined;
    });
    await this.writing;
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0 || this.marks.length > 0) {
      const answers = this.waiting;
      this.waiting = [];
      this.appendMarks(answers);
      if (answers.length === 0) return;
      await this.writeGroup(answers);
    }
  }

  /** Marks take no room from answers: where there is none to spare they wait. */
  private appendMarks(group: Waiting[]): void {
    let room = this.room();
    while (this.marks.length > 0) {
      const [record] = this.marks;
      if (!record) return;
      const block = encodeRecord(record);
      if (block.length > room) return;
      room -= block.length;
      this.marks.shift();
      this.reservedBytes += block.length;
      group.push({ record, block, resolve: () => undefined, reject: () => undefined });
    }
  }

  private async writeGroup(group: readonly Waiting[]): Promise<void> {
    const written: [Waiting, Place][] = [];
    try {
      const touched = new Set<Segment>();
      for (const batch of this.bySegment(group)) {
        const at = await batch.segment.append(Buffer.concat(batch.items.map(({ block }) => block)));
        touched.add(batch.segment);
        let offset = at;
        for (const item of batch.items) {
          written.push([item, { segment: batch.segment, at: offset, bytes: item.block.length }]);
          offset += item.block.length;
        }
      }
      if (group.some(({ record }) => 'entry' in record)) {
        this.syncs += 1;
        await Promise.all([...touched].map((segment) => segment.sync()));
      }
    } catch (error) {
      for (const { reject } of group) reject(journalError('journal_unavailable', error));
      return;
    } finally {
      for (const { block } of group) this.reservedBytes -= block.length;
    }
    for (const [{ record, resolve }, place] of written) {
      this.note(record, place);
      resolve();
    }
  }

  /** Splits a group where a segment is full. */
  private bySegment(group: readonly Waiting[]): { segment: Segment; items: Waiting[] }[] {
    const batches: { segment: Segment; items: Waiting[]; bytes: number }[] = [];
    for (const item of group) {
      let batch = batches.at(-1);
      const current = batch?.segment ?? this.segments.at(-1);
      if (!current || current.free - (batch?.bytes ?? 0) < item.block.length) {
        const next = this.nextSegment();
        batch = { segment: next, items: [], bytes: 0 };
        batches.push(batch);
      } else if (!batch) {
        batch = { segment: current, items: [], bytes: 0 };
        batches.push(batch);
      }
      batch.items.push(item);
      batch.bytes += item.block.length;
    }
    return batches;
  }

  private nextSegment(): Segment {
    const segment = this.spares.shift();
    if (!segment) throw Object.assign(new Error('No room was set aside.'), { code: 'ENOSPC' });
    this.spareBytes -= segment.bytes - this.options.reservationBytes;
    this.segments.push(segment);
    return segment;
  }

  private take({ segment, read }: Awaited<ReturnType<typeof Segment.open>>): void {
    this.segments.push(segment);
    if (read.isDamaged) {
      this.damaged += 1;
      // Nothing is written behind what cannot be read.
      segment.end = segment.bytes;
    }
    for (const { record, at, bytes } of read.records) this.note(record, { segment, at, bytes });
  }

  private note(record: JournalRecord, place: Place): void {
    if ('settled' in record) {
      this.markSettled(record.settled, record.atMs);
      return;
    }
    const { entry } = record;
    const before = this.newest.get(entry.connectionId);
    this.entries.delete(entry.id);
    this.entries.set(entry.id, { head: headOf(entry), place, settledAtMs: null });
    this.newest.set(entry.connectionId, entry.id);
    if (before !== undefined && before !== entry.id && this.entries.get(before)?.settledAtMs != null) {
      this.entries.delete(before);
    }
  }

  /** Of what is settled, only the newest of a connection can still be of use. */
  private markSettled(id: string, atMs: number): void {
    const kept = this.entries.get(id);
    if (!kept) return;
    kept.settledAtMs = atMs;
    if (this.newest.get(kept.head.connectionId) !== id) this.entries.delete(id);
  }

  /** Removes segments whose every entry was settled long enough ago. */
  private async discardOld(): Promise<void> {
    const before = this.options.now() - this.options.keepSettledMs;
    const needed = new Set<Segment>();
    for (const { place, settledAtMs } of this.entries.values()) {
      if (settledAtMs === null || settledAtMs > before) needed.add(place.segment);
    }
    // A mark may lie in a later segment than its entry, so segments go from the oldest on, without a gap.
    while (this.segments.length > 1 && this.segments[0] && !needed.has(this.segments[0])) {
      const [segment] = this.segments.splice(0, 1);
      for (const [id, { head, place }] of this.entries) {
        if (place.segment !== segment) continue;
        this.entries.delete(id);
        if (this.newest.get(head.connectionId) === id) this.newest.delete(head.connectionId);
      }
      await segment?.remove();
    }
  }
}
