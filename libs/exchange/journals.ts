import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Settings } from '#config';
import { log } from '#observability';
import { Journal, type JournalReservation } from './journal/journal.js';
import type { JournalEntry } from './journal/journal-entry.js';
import { adoptOrphans, openJournals } from './journal/journal-folder.js';

/** The journal this process writes, and those of processes that are gone from the same data directory. */
@Injectable()
export class Journals implements OnApplicationShutdown {
  constructor(
    private readonly own: Journal,
    private readonly orphans: Journal[],
    private readonly dataDir: string,
  ) {}

  /** @throws JournalError when the data directory cannot be used */
  static async open({ dataDir }: Settings): Promise<Journals> {
    const { own, orphans } = await openJournals(dataDir);
    for (const journal of [own, ...orphans]) complainOf(journal);
    return new Journals(own, [...orphans], dataDir);
  }

  /** Named in every intent: whoever holds this journal knows how the exchange ended. */
  get ownId(): string {
    return this.own.id;
  }

  get all(): readonly Journal[] {
    return [this.own, ...this.orphans];
  }

  /** Takes over what processes that have gone since this one began have left in its data directory. */
  async adopt(): Promise<void> {
    const adopted = await adoptOrphans(this.dataDir);
    for (const journal of adopted) complainOf(journal);
    this.orphans.push(...adopted);
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

/** What was being written when the power went is no loss: nobody was told that it was kept. A bad disk is one. */
function complainOf({ id, damaged }: Journal): void {
  if (damaged > 0) log.warn({ journal: id, segments: damaged }, 'a journal holds something unreadable');
}
