import { basename } from 'node:path';
import { JournalError, journalError } from './journal.errors.js';
import { headOf, type JournalEntry, type JournalHead } from './journal-entry.js';
import { JournalIndex } from './journal-index.js';
import { JournalWriter } from './journal-writer.js';
import { encodeRecord } from './record.js';
import { Segment } from './segment.js';
import { SegmentChain } from './segment-chain.js';

export interface JournalOptions {
  /** Default 4 MiB. */
  readonly segmentBytes?: number;
  /** Room set aside for one entry, and the most it may take; default 256 KiB: 64 KiB as JSON, sealed. */
  readonly largestBytes?: number;
  /** How long a settled entry is kept, milliseconds; default 24 h. */
  readonly keepSettledMs?: number;
  /** Wall clock, milliseconds. */
  readonly now?: () => number;
}

export interface JournalReservation<Head extends JournalHead = JournalHead> {
  /** Resolves when the entry is on the disk. @throws JournalError `journal_unavailable` */
  write(entry: JournalEntry<Head>): Promise<void>;
  /** Gives the room back; harmless after `write`. */
  release(): void;
}

const discardEveryMs = 60_000;

/**
 * Entries on this process's own disk, until a day after they are settled. Those that wait are written and synced in one
 * turn, into room set aside beforehand. `Head` is what its writer says of an entry besides the sealed contents.
 */
export class Journal<Head extends JournalHead = JournalHead> {
  /** Segments with something unreadable behind their last whole record. */
  damaged = 0;

  private readonly index = new JournalIndex();
  private readonly chain: SegmentChain;
  private readonly writer: JournalWriter;
  private nextDiscardMs = 0;

  private constructor(
    private readonly folder: string,
    private readonly options: Required<JournalOptions>,
    private readonly onClose: (isSpent: boolean) => void,
  ) {
    this.chain = new SegmentChain(folder, options.segmentBytes, options.largestBytes);
    this.writer = new JournalWriter(this.chain, this.index, () => this.discardIfDue());
  }

  /**
   * @param onClose is told whether nothing in it is of use any more
   * @throws JournalError `journal_unreadable`
   */
  static async open<Head extends JournalHead>(
    folder: string,
    options: JournalOptions = {},
    onClose: (isSpent: boolean) => void = () => undefined,
  ): Promise<Journal<Head>> {
    const defaults = {
      segmentBytes: 4 * 1024 * 1024,
      largestBytes: 256 * 1024,
      keepSettledMs: 24 * 3_600_000,
      now: Date.now,
    };
    const journal = new Journal<Head>(folder, { ...defaults, ...options }, onClose);
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

  /** Times the disk was synced. */
  get syncs(): number {
    return this.writer.syncs;
  }

  /**
   * Sets room aside for one entry of the largest size.
   * @throws JournalError `journal_unavailable`: nothing must be sent then
   */
  async reserve(): Promise<JournalReservation<Head>> {
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
        await this.writer.write({ entry }, block);
      },
    };
  }

  /** Entries that are not settled, oldest first. */
  unsettled(): Head[] {
    return this.index.unsettled() as Head[];
  }

  /**
   * Those, and the newest settled one of each key, which are read from the disk, a segment at a time. A
   * segment that has become unreadable is counted as `damaged`.
   */
  async *keptHeads(): AsyncGenerator<Head[]> {
    yield this.unsettled();
    for (const segment of this.index.segmentsOfNewest()) {
      const lastAt = this.index.lastAt(segment);
      // It was removed while others were read.
      if (lastAt === undefined) continue;
      const read = await segment.readAll().catch(() => undefined);
      if (!read || read.end <= lastAt) this.damaged += 1;
      const newest = read?.records.flatMap(({ record, at }) =>
        'entry' in record && this.index.isSettledNewest(record.entry, { segment, at })
          ? [headOf(record.entry) as Head]
          : [],
      );
      if (newest && newest.length > 0) yield newest;
    }
  }

  /** @throws JournalError `journal_unreadable` */
  async read(head: JournalHead): Promise<JournalEntry<Head>> {
    const place = this.index.placeOf(head);
    const record = await place?.segment.read(place.at).catch(() => undefined);
    if (!record || !('entry' in record) || record.entry.id !== head.id)
      throw new JournalError('journal_unreadable');
    return record.entry as JournalEntry<Head>;
  }

  /** That entry is of no use any more but for a comparison. Durable soon: a mark that is lost costs a comparison. */
  settle(id: string): void {
    if (!this.index.isUnsettled(id)) return;
    const atMs = this.options.now();
    this.index.settle(id, atMs);
    this.writer.mark({ settled: id, atMs });
  }

  /** Nothing in it is unsettled, or of use because it was settled within the time that is kept. */
  get isSpent(): boolean {
    return this.segmentsInUse().size === 0;
  }

  async close(): Promise<void> {
    await this.writer.end();
    await this.discardOld();
    await this.chain.close();
    this.onClose(this.isSpent);
  }

  /** Lets go of it as it is: it is somebody else's, or has gone. Nothing that comes for it from now on is kept. */
  async abandon(): Promise<void> {
    this.writer.abandonMarks();
    await this.chain.close();
  }

  /** The disk may be full of what is of no use any more. It is the writer who removes that, among its writes. */
  private async takeOfOld(bytes: number, error: unknown): Promise<void> {
    if (this.options.now() < this.nextDiscardMs) throw error;
    await this.writer.flush();
    await this.chain.take(bytes);
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

  private async discardIfDue(): Promise<void> {
    if (this.options.now() >= this.nextDiscardMs) await this.discardOld();
  }

  private discardOld(): Promise<void> {
    this.nextDiscardMs = this.options.now() + discardEveryMs;
    return this.chain.discard(this.segmentsInUse(), (segment) => this.index.forget(segment));
  }

  private segmentsInUse(): Set<Segment> {
    return this.index.segmentsInUse(this.options.now() - this.options.keepSettledMs);
  }
}
