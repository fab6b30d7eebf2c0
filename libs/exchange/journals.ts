import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Settings } from '#config';
import { log } from '#observability';
import type { Journal, JournalReservation } from './journal/journal.js';
import type { JournalEntry } from './journal/journal-entry.js';
import { adoptOrphans, openJournals } from './journal/journal-folder.js';

interface Orphan {
  readonly journal: Journal;
  /** Monotonic clock, milliseconds. */
  readonly adoptedAtMs: number;
}

/** The journal this process writes, and those of processes that are gone from the same data directory. */
@Injectable()
export class Journals implements OnApplicationShutdown {
  private orphans: readonly Orphan[];
  private readonly complainedOf = new WeakMap<Journal, number>();

  constructor(
    private readonly own: Journal,
    orphans: readonly Journal[],
    private readonly dataDir: string,
  ) {
    this.orphans = orphans.map(adopted);
    this.complain();
  }

  /** @throws JournalError when the data directory cannot be used */
  static async open({ dataDir }: Settings): Promise<Journals> {
    const { own, orphans } = await openJournals(dataDir);
    return new Journals(own, orphans, dataDir);
  }

  /** Named in every intent: whoever holds this journal knows how the exchange ended. */
  get ownId(): string {
    return this.own.id;
  }

  get all(): readonly Journal[] {
    return [this.own, ...this.orphans.map(({ journal }) => journal)];
  }

  /** Takes over what processes that have gone since this one began have left in its data directory. */
  async adopt(): Promise<void> {
    const more = await adoptOrphans(this.dataDir);
    this.orphans = [...this.orphans, ...more.map(adopted)];
    this.complain();
  }

  /**
   * Closes what other processes have left, once nothing in it is of use any more: then it goes from the disk.
   * @param heldMs and once it was held for so long: its process may have sent a claim to the database as it went
   * @returns the names of those that are gone
   */
  async closeSpent(heldMs: number): Promise<string[]> {
    const gone: string[] = [];
    for (const orphan of this.orphans) {
      const { journal, adoptedAtMs } = orphan;
      if (!journal.isSpent || performance.now() - adoptedAtMs < heldMs) continue;
      this.orphans = this.orphans.filter((other) => other !== orphan);
      try {
        await journal.close();
        gone.push(journal.id);
      } catch (error) {
        log.warn(
          { err: error, journal: journal.id },
          'a journal that is of no use any more cannot be removed',
        );
        this.orphans = [...this.orphans, orphan];
      }
    }
    return gone;
  }

  /** @throws JournalError `journal_unavailable`: then nothing must be spent */
  reserve(): Promise<JournalReservation> {
    return this.own.reserve();
  }

  settle(entryId: JournalEntry['id']): void {
    this.own.settle(entryId);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.all.map((journal) => journal.close()));
  }

  /** What was being written when the power went is no loss: nobody was told that it was kept. A bad disk is one. */
  private complain(): void {
    for (const journal of this.all) {
      const { id, damaged } = journal;
      if (damaged <= (this.complainedOf.get(journal) ?? 0)) continue;
      this.complainedOf.set(journal, damaged);
      log.warn({ journal: id, segments: damaged }, 'a journal holds something unreadable');
    }
  }
}

function adopted(journal: Journal): Orphan {
  return { journal, adoptedAtMs: performance.now() };
}
