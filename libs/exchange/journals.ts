import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Settings } from '#config';
import { Journal, type JournalReservation } from './journal/journal.js';
import type { JournalEntry } from './journal/journal-entry.js';
import { openJournals } from './journal/journal-folder.js';

/** The journal this process writes, and those of processes that are gone from the same data directory. */
@Injectable()
export class Journals implements OnApplicationShutdown {
  private constructor(
    private readonly own: Journal,
    private readonly orphans: readonly Journal[],
  ) {}

  /** @throws JournalError when the data directory cannot be used */
  static async open({ dataDir }: Settings): Promise<Journals> {
    const { own, orphans } = await openJournals(dataDir);
    return new Journals(own, orphans);
  }

  /** Named in every intent: whoever holds this journal knows how the exchange ended. */
  get ownId(): string {
    return this.own.id;
  }

  get all(): readonly Journal[] {
    return [this.own, ...this.orphans];
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
}
