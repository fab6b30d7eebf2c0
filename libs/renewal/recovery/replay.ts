import { Injectable } from '@nestjs/common';
import type { Journal } from '#journal';
import { JournalSet } from '#journal';
import { log } from '#observability';
import { HoldRepository, isDatabaseOutage, JournalRepository } from '#vault';
import type { AnswerHead } from '../answer-head.js';
import { LeaseTimes } from '../lease-times.js';
import { RunningRenewals } from '../limits/running-renewals.js';
import { type HoldReason, verdictOn } from './journal-verdict.js';
import { ReplayOne } from './replay-one.js';

/** Brings the database up to what the journals of this process know, and ends claims that nobody will end. */
@Injectable()
export class Replay {
  /** Journals that were compared as a whole, and with which server: one that is taken over later is not one of them. */
  private readonly comparedWith = new WeakMap<Journal<AnswerHead>, string>();
  /** Answers that could not be written: tried again each time, and complained of once. */
  private readonly stuck = new Set<string>();

  constructor(
    private readonly journals: JournalSet<AnswerHead>,
    private readonly database: JournalRepository,
    private readonly holds: HoldRepository,
    private readonly running: RunningRenewals,
    private readonly times: LeaseTimes,
    private readonly one: ReplayOne,
  ) {}

  /**
   * Writes what a crash or an outage kept from being written, and compares everything that is kept with the database
   * when that may have been put back: at start, and on another server or timeline.
   * @returns how many generations the journals gave back
   * @throws Error when the database cannot be asked
   */
  async run(): Promise<number> {
    const line = await this.database.serverLine();
    await this.journals.adopt();
    const journals = this.journals.all;
    const journalIds = journals.map(({ id }) => id);
    const releasedAt = (await this.holds.last())?.releasedAt ?? new Date(0);
    let replayed = 0;
    for (const journal of journals) {
      const everything = this.comparedWith.get(journal) !== line;
      const heads = everything ? journal.keptHeads() : [journal.unsettled()];
      replayed += await this.bringUp(journal, heads, releasedAt);
    }
    await this.database.closeIntents(
      journalIds,
      this.running.owner,
      // A grant whose answer is still to be written must not be sent again before the grace is over.
      [...this.running.intentIds(), ...this.stuck],
      this.times.leaseSeconds,
    );
    await this.database.noteCompared(journalIds, line);
    for (const journal of journals) this.comparedWith.set(journal, line);
    const gone = await this.journals.closeSpent(this.times.leaseSeconds * 1_000);
    if (gone.length > 0) await this.database.forget(gone);
    return replayed;
  }

  private async bringUp(
    journal: Journal<AnswerHead>,
    batches: Iterable<readonly AnswerHead[]> | AsyncIterable<readonly AnswerHead[]>,
    releasedAt: Date,
  ): Promise<number> {
    const held = new Map<HoldReason, Held>();
    let replayed = 0;
    for await (const batch of batches) {
      const heads = batch.filter(({ id }) => !this.running.has(id));
      const found = await this.database.compare(
        heads.map(({ id, key, spentHash }) => ({ id, connectionId: key, spentHash })),
      );
      for (const head of heads) {
        const comparison = found.get(head.id);
        const verdict = verdictOn(head, comparison, this.database.deploymentId);
        // The person who released the last renewal hold accepted what the database lacked then.
        const isAccepted = verdict !== 'replay' && new Date(head.issuedAt) <= releasedAt;
        if (verdict === 'settled' || isAccepted) this.settle(journal, head);
        else if (verdict === 'replay') {
          const generation = comparison?.generation ?? head.generation;
          replayed += await this.tryReplay(journal, head, generation);
        } else held.set(verdict, oneMore(head, held.get(verdict)));
      }
    }
    for (const [reason, what] of held) await this.hold(reason, what);
    return replayed;
  }

  /** One answer that cannot be written, whatever the reason, keeps no other connection's back. */
  private async tryReplay(
    journal: Journal<AnswerHead>,
    head: AnswerHead,
    generation: number,
  ): Promise<0 | 1> {
    try {
      const written = await this.one.replay(journal, head, generation);
      this.settle(journal, head);
      return written ? 1 : 0;
    } catch (error) {
      if (isDatabaseOutage(error)) throw error;
      const { id, tenantId, key: connectionId } = head;
      if (!this.stuck.has(id))
        log.error(
          { err: error, tenantId, connectionId },
          'could not write an answer from the journal, will retry',
        );
      this.stuck.add(id);
      return 0;
    }
  }

  private settle(journal: Journal<AnswerHead>, { id }: AnswerHead): void {
    this.stuck.delete(id);
    journal.settle(id);
  }

  private async hold(reason: HoldReason, { connections, heads }: Held): Promise<void> {
    const examples = heads.map(({ tenantId, key, generation }) => ({
      tenant_id: tenantId,
      connection_id: key,
      generation: generation + 1,
    }));
    const isNew = await this.holds.hold(reason, { connections, examples });
    if (isNew) log.error({ reason, connections }, 'renewal hold: renewals are held');
  }
}

/** All may be held at once: of most only the number is kept. */
interface Held {
  readonly connections: number;
  readonly heads: readonly AnswerHead[];
}

function oneMore(head: AnswerHead, { connections, heads }: Held = { connections: 0, heads: [] }): Held {
  return { connections: connections + 1, heads: heads.length < 10 ? [...heads, head] : heads };
}
