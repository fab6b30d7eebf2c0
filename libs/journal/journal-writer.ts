import { type JournalError, journalError } from './journal.errors.js';
import type { JournalIndex } from './journal-index.js';
import { encodeRecord, type JournalRecord } from './record.js';
import type { SegmentChain } from './segment-chain.js';

interface Waiting {
  readonly record: JournalRecord;
  readonly block: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: JournalError) => void;
}

/** Marks wait so long for an answer to ride with; they need not be durable at once. */
const markDelayMs = 200;

/** Group commit: all records that wait are written and synced together, by one turn at a time. */
export class JournalWriter {
  /** Times the disk was synced. */
  syncs = 0;

  private readonly marks: JournalRecord[] = [];
  private waiting: Waiting[] = [];
  private writing: Promise<void> | undefined;
  private markTimer: NodeJS.Timeout | undefined;

  /** @param afterTurn runs as a part of each turn, behind its writes */
  constructor(
    private readonly chain: SegmentChain,
    private readonly index: JournalIndex,
    private readonly afterTurn: () => Promise<void>,
  ) {}

  /**
   * Resolves when the block is on the disk.
   * @param block the record, for which room was taken; it is given back
   * @throws JournalError `journal_unavailable`
   */
  write(record: JournalRecord, block: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ record, block, resolve, reject });
      void this.flush();
    });
  }

  /** Writes a record that need not be durable at once. */
  mark(record: JournalRecord): void {
    this.marks.push(record);
    this.markTimer ??= setTimeout(() => {
      this.markTimer = undefined;
      void this.flush();
    }, markDelayMs);
  }

  /** One turn at a time; a record that comes meanwhile goes with the next. */
  flush(): Promise<void> {
    this.writing ??= this.writeAll().finally(() => {
      this.writing = undefined;
      // A record that came at the very end of the turn has found the writer busy.
      if (this.waiting.length > 0) void this.flush();
    });
    return this.writing;
  }

  /** Writes what waits, marks included. */
  async end(): Promise<void> {
    this.abandonMarks();
    await this.flush();
    // A mark that came at the very end of a turn has found the writer busy.
    while (this.marks.length > 0) await this.flush();
  }

  /** Marks that wait are not written by themselves any more. */
  abandonMarks(): void {
    clearTimeout(this.markTimer);
  }

  private async writeAll(): Promise<void> {
    // A moment, so that answers that arrive together are written together.
    await Promise.resolve();
    while (this.waiting.length > 0 || this.marks.length > 0) {
      const answers = this.waiting;
      this.waiting = [];
      const group = [...answers, ...this.takeMarks()];
      if (group.length === 0) break;
      await this.writeGroup(group, answers.length > 0);
    }
    await this.afterTurn();
  }

  /** Marks take no room from entries: where there is none left they are dropped, and the entry counts as unsettled after a restart. */
  private takeMarks(): Waiting[] {
    return this.marks.splice(0).flatMap((record) => {
      const block = encodeRecord(record);
      if (!this.chain.takeIfFree(block.length)) return [];
      return [{ record, block, resolve: () => undefined, reject: () => undefined }];
    });
  }

  private async writeGroup(group: readonly Waiting[], mustLast: boolean): Promise<void> {
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
}
