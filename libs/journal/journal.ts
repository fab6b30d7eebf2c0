import { basename } from 'node:path';
import { JournalError, journalError } from './journal.errors.js';
import { headOf, type JournalEntry, type JournalHead } from './journal-entry.js';
import { JournalIndex } from './journal-index.js';
import { encodeRecord, type JournalRecord } from './record.js';
import { Segment } from './segment.js';
import { SegmentChain } from './segment-chain.js';

export interface JournalOptions {
  /** Default 4 MiB. */
  readonly segmentBytes?: number;
  /** Room set aside for one answer, and the most it may take; default 256 KiB: 64 KiB as JSON, sealed. */
  readonly largestBytes?: number;
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

interface Waiting {
  readonly record: JournalRecord;
  readonly block: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: JournalError) => void;
}

/** Marks wait so long for an answer to ride with; they need not be durable at once. */
const markDelayMs = 200;

const discardEveryMs = 60_000;

/**
 * Answers of providers on this process's own disk, from before they are read until a day after the database has them.
 * All that wait are written and synced together; room is set aside beforehand, so that an answer can always be kept.
 */
export class Journal {
  /** Segments with something unreadable behind their last whole record. */
  damaged = 0;
  /** Times the disk was synced. */
  syncs = 0;

  private readonly index = new JournalIndex();
  private readonly chain: SegmentChain;
  private readonly marks: JournalRecord[] = [];
  private waiting: Waiting[] = [];
  private writing: Promise<void> | undefined;
  private markTimer: NodeJS.Timeout | undefined;
  private nextDiscardMs = 0;

  private constructor(
    private readonly folder: string,
    private readonly options: Required<JournalOptions>,
    private readonly onClose: (isSpent: boolean) => void,
  ) {
    this.chain = new SegmentChain(folder, options.segmentBytes, options.largestBytes);
  }

  /**
   * @param onClose is told whether nothing in it is of use any more
   * @throws JournalError `journal_unreadable`
   */
  static async open(
    folder: string,
    options: JournalOptions = {},
    onClose: (isSpent: boolean) => void = () => undefined,
  ): Promise<Journal> {
    const defaults = {
      segmentBytes: 4 * 1024 * 1024,
      largestBytes: 256 * 1024,
      keepSettledMs: 24 * 3_600_000,
      now: Date.now,
    };
    const journal = new Journal(folder, { ...defaults, ...options }, onClose);
    try {
      for (const name of await Segment.list(folder)) journal.load(await Segment.open(folder, name));
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
   * @throws JournalError `journal_unavailable`: nothing must be sent then
   */
  async reserve(): Promise<JournalReservation> {
    let held = this.options.largestBytes;
    await this.chain.take(held).catch((error: unknown) => this.takeOfOld(held, error));
    const release = () => {
      this.chain.give(held);
      held = 0;
    };
    return {
      release,
      write: async (entry) => {
        const block = encodeRecord({ entry });
        if (block.length > held) throw new JournalError('journal_unavailable', 'EFBIG');
        this.chain.give(held - block.length);
        held = 0;
        await this.enqueue({ entry }, block);
      },
    };
  }

  /** Entries whose end is not known to be in the database, oldest first. */
  unsettled(): JournalHead[] {
    return this.index.unsettled();
  }

  /**
   * Those, and the newest settled one of each connection, which are read from the disk, a segment at a time. What has
   * become unreadable there is counted as `damaged`.
   */
  async *keptHeads(): AsyncGenerator<JournalHead[]> {
    yield this.unsettled();
    for (const segment of this.index.segmentsOfNewest()) {
      const lastAt = this.index.lastAt(segment);
      // It was removed while others were read.
      if (lastAt === undefined) continue;
      const read = await segment.readAll().catch(() => undefined);
      if (!read || read.end <= lastAt) this.damaged += 1;
      const newest = read?.records.flatMap(({ record, at }) =>
        'entry' in record && this.index.isSettledNewest(record.entry, { segment, at })
          ? [headOf(record.entry)]
          : [],
      );
      if (newest && newest.length > 0) yield newest;
    }
  }

  /** @throws JournalError `journal_unreadable` */
  async read(head: Pick<JournalHead, 'id' | 'connectionId'>): Promise<JournalEntry> {
    const place = this.index.placeOf(head);
    const record = await place?.segment.read(place.at).catch(() => undefined);
    if (!record || !('entry' in record) || record.entry.id !== head.id)
      throw new JournalError('journal_unreadable');
    return record.entry;
  }

  /** The end of that entry is in the database. Durable soon: a mark that is lost costs a comparison. */
  settle(id: string): void {
    if (!this.index.isUnsettled(id)) return;
    const atMs = this.options.now();
    this.index.settle(id, atMs);
    this.marks.push({ settled: id, atMs });
    this.markTimer ??= setTimeout(() => {
      this.markTimer = undefined;
      void this.flush();
    }, markDelayMs);
  }

  /** Nothing in it is unsettled, or of use because it was settled within the time that is kept. */
  get isSpent(): boolean {
    return this.segmentsInUse().size === 0;
  }

  async close(): Promise<void> {
    clearTimeout(this.markTimer);
    await this.flush();
    await this.discardOld();
    await this.chain.close();
    this.onClose(this.isSpent);
  }

  /** Lets go of it as it is: it is somebody else's, or has gone. What comes for it from now on is not kept. */
  async abandon(): Promise<void> {
    clearTimeout(this.markTimer);
    await this.chain.close();
  }

  /** The disk may be full of what is of no use any more. It is the writer who removes that, among its writes. */
  private async takeOfOld(bytes: number, error: unknown): Promise<void> {
    if (this.options.now() < this.nextDiscardMs) throw error;
    await this.flush();
    await this.chain.take(bytes);
  }

  private enqueue(record: JournalRecord, block: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ record, block, resolve, reject });
      void this.flush();
    });
  }

  /** One writer at a time; whatever comes meanwhile goes with its next turn. */
  private flush(): Promise<void> {
    this.writing ??= this.writeAll().finally(() => {
      this.writing = undefined;
      // A record that came in the moment of the end found the writer busy.
      if (this.waiting.length > 0) void this.flush();
    });
    return this.writing;
  }

  private async writeAll(): Promise<void> {
    // A moment, so that answers that arrive together are written together.
    await Promise.resolve();
    while (this.waiting.length > 0 || this.marks.length > 0) {
      const answers = this.waiting;
      this.waiting = [];
      const group = [...answers, ...this.takeMarks()];
      if (group.length === 0) break;
      await this.write(group, answers.length > 0);
    }
    if (this.options.now() >= this.nextDiscardMs) await this.discardOld();
  }

  /** Marks take no room from answers: where there is none left they are dropped, and the entry is compared with the database once more. */
  private takeMarks(): Waiting[] {
    return this.marks.splice(0).flatMap((record) => {
      const block = encodeRecord(record);
      if (!this.chain.takeIfFree(block.length)) return [];
      return [{ record, block, resolve: () => undefined, reject: () => undefined }];
    });
  }

  private async write(group: readonly Waiting[], mustLast: boolean): Promise<void> {
    try {
      const blocks = group.map(({ block }) => block);
      const places = await this.chain.write(blocks, mustLast);
      if (mustLast) this.syncs += 1;
      for (const [at, { record, resolve }] of group.entries()) {
        const place = places[at];
        if (place && 'entry' in record) this.index.note(record, place);
        resolve();
      }
    } catch (error) {
      for (const { reject } of group) reject(journalError('journal_unavailable', error));
    } finally {
      for (const { block } of group) this.chain.give(block.length);
    }
  }

  private load({ segment, read }: Awaited<ReturnType<typeof Segment.open>>): void {
    if (read.isDamaged) {
      this.damaged += 1;
      // Nothing is written behind what cannot be read.
      segment.end = segment.bytes;
    }
    this.chain.add(segment);
    for (const { record, at } of read.records) this.index.note(record, { segment, at });
  }

  private discardOld(): Promise<void> {
    this.nextDiscardMs = this.options.now() + discardEveryMs;
    return this.chain.discard(this.segmentsInUse(), (segment) => this.index.forget(segment));
  }

  private segmentsInUse(): Set<Segment> {
    return this.index.segmentsInUse(this.options.now() - this.options.keepSettledMs);
  }
}
