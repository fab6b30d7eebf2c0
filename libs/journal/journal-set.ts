import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Settings } from '#config';
import { journalEntries, journalWritable, log } from '#observability';
import { JournalError } from './journal.errors.js';
import type { Journal, JournalReservation } from './journal.js';
import type { JournalHead } from './journal-entry.js';
import { adoptOrphans, openJournals, openOwnJournal } from './journal-folder.js';

interface Orphan<Head extends JournalHead> {
  readonly journal: Journal<Head>;
  /** Monotonic clock, milliseconds. */
  readonly adoptedAtMs: number;
}

/** How soon it is tried again to begin a journal, milliseconds. */
const replaceAgainMs = 5_000;

/** The journal this process writes, and those of processes that are gone from the same data directory. */
@Injectable()
export class JournalSet<Head extends JournalHead = JournalHead> implements OnApplicationShutdown {
  private orphans: readonly Orphan<Head>[] = [];
  private readonly complainedOf = new WeakMap<Journal<Head>, number>();
  private readonly unreadable = new Set<string>();

  private own!: Journal<Head>;
  /** While another is opened in place of the one that was lost, which is not ours any more. */
  private isReplacing = false;
  /** Whether there was no room when it was last asked for. */
  private isFull = false;

  /** Of use once it has begun: see `open`. */
  constructor(private readonly dataDir: string) {
    journalEntries.observe(() => [[{}, this.all.flatMap((journal) => journal.unsettled()).length]]);
    journalWritable.observe(() => [[{}, this.isReplacing || this.isFull ? 0 : 1]]);
  }

  /** @throws JournalError when the data directory cannot be used */
  static async open<Head extends JournalHead>({
    dataDir,
  }: Pick<Settings, 'dataDir'>): Promise<JournalSet<Head>> {
    const journals = new JournalSet<Head>(dataDir);
    const { own, orphans } = await openJournals<Head>(dataDir, {}, journals.onLost);
    journals.own = own;
    journals.orphans = orphans.map(adopted);
    journals.complain();
    return journals;
  }

  /** Named in every intent: this journal says how the request ended. */
  get ownId(): string {
    return this.own.id;
  }

  get all(): readonly Journal<Head>[] {
    const orphans = this.orphans.map(({ journal }) => journal);
    return this.isReplacing ? orphans : [this.own, ...orphans];
  }

  /** Takes over what processes that have gone since this one began have left in its data directory. */
  async adopt(): Promise<void> {
    const more = await adoptOrphans<Head>(this.dataDir, this.onLost, this.onUnreadable);
    this.orphans = [...this.orphans, ...more.map(adopted)];
    this.complain();
  }

  /**
   * Closes what other processes have left, once nothing in it is of use any more: then it goes from the disk.
   * @param heldMs and once it was held for so long: its process may have begun something as it went
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
          'could not remove a journal that is not needed any more',
        );
        this.orphans = [...this.orphans, orphan];
      }
    }
    return gone;
  }

  /** @throws JournalError `journal_unavailable`: then nothing must be sent */
  async reserve(): Promise<JournalReservation<Head>> {
    if (this.isReplacing) throw new JournalError('journal_unavailable');
    this.isFull = true;
    const reservation = await this.own.reserve();
    this.isFull = false;
    return reservation;
  }

  settle(entryId: string): void {
    this.own.settle(entryId);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.all.map((journal) => journal.close()));
  }

  /**
   * This process stood still for so long that another, on another host, has settled what its journal held, or its
   * folder has gone. Answers to what was sent before are still committed; what is sent from now on has a new journal.
   */
  private readonly onLost = (journal: string): void => {
    log.error(
      { journal },
      'a journal was taken from this process while it stood still, or its folder has gone',
    );
    const lost = this.all.find(({ id }) => id === journal);
    lost
      ?.abandon()
      .catch((error: unknown) => log.warn({ err: error, journal }, 'could not close the files of a journal'));
    this.orphans = this.orphans.filter((orphan) => orphan.journal !== lost);
    if (this.own === lost) void this.replaceOwn();
  };

  /** It is tried again at each look for such journals. */
  private readonly onUnreadable = (journal: string, error: unknown): void => {
    if (this.unreadable.has(journal)) return;
    this.unreadable.add(journal);
    log.error({ err: error, journal }, 'could not read a journal that another process has left');
  };

  private async replaceOwn(): Promise<void> {
    this.isReplacing = true;
    try {
      this.own = await openOwnJournal<Head>(this.dataDir, {}, this.onLost);
      this.isReplacing = false;
      log.info({ journal: this.own.id }, 'new journal begun');
    } catch (error) {
      log.error({ err: error }, 'could not begin a new journal, nothing is renewed meanwhile');
      setTimeout(() => void this.replaceOwn(), replaceAgainMs).unref();
    }
  }

  /** A record cut short by a power failure is no loss: nobody was told that it was kept. A bad disk loses records. */
  private complain(): void {
    for (const journal of this.all) {
      const { id, damaged } = journal;
      if (damaged <= (this.complainedOf.get(journal) ?? 0)) continue;
      this.complainedOf.set(journal, damaged);
      log.warn({ journal: id, segments: damaged }, 'journal has damaged segments');
    }
  }
}

function adopted<Head extends JournalHead>(journal: Journal<Head>): Orphan<Head> {
  return { journal, adoptedAtMs: performance.now() };
}
