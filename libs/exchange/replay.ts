import { Inject, Injectable } from '@nestjs/common';
import { log } from '#observability';
import { PROVIDER_REGISTRY, type ProviderRegistry } from '#provider-kit';
import {
  type ClaimedConnection,
  HoldRepository,
  isDatabaseOutage,
  JournalRepository,
  RenewalRepository,
} from '#vault';
import { Commitment } from './commitment.js';
import { Exchange } from './exchange.js';
import type { ExchangePolicy } from './exchange-policy.js';
import type { Journal } from './journal/journal.js';
import type { JournalHead } from './journal/journal-entry.js';
import { type HoldReason, verdictOn } from './journal-verdict.js';
import { Journals } from './journals.js';
import { grantsInOrder } from './next-grant.js';
import { Spending } from './spending.js';

/** Brings the database up to what the journals of this process know, and ends claims that nobody will end. */
@Injectable()
export class Replay {
  /** Journals that were compared as a whole, and with which server: one that is taken over later is not one of them. */
  private readonly comparedWith = new WeakMap<Journal, string>();
  /** Answers that could not be written: tried again each time, and complained of once. */
  private readonly stuck = new Set<string>();

  constructor(
    private readonly journals: Journals,
    private readonly database: JournalRepository,
    private readonly renewals: RenewalRepository,
    private readonly holds: HoldRepository,
    private readonly commitment: Commitment,
    private readonly spending: Spending,
    private readonly exchange: Exchange,
    @Inject(PROVIDER_REGISTRY) private readonly registry: ProviderRegistry,
  ) {}

  /**
   * Writes what a crash or an outage kept from being written, and compares everything that is kept with the database
   * when that may have been put back: at start, and on another server or timeline.
   * @returns how many generations the journals gave back
   * @throws Error when the database cannot be asked
   */
  async run(policy: ExchangePolicy): Promise<number> {
    const line = await this.database.serverLine();
    await this.journals.adopt();
    const journals = this.journals.all;
    const journalIds = journals.map(({ id }) => id);
    const releasedAt = (await this.holds.last())?.releasedAt ?? new Date(0);
    let replayed = 0;
    for (const journal of journals) {
      const everything = this.comparedWith.get(journal) !== line;
      const heads = everything ? journal.keptHeads() : [journal.unsettled()];
      replayed += await this.bringUp(journal, heads, policy, releasedAt);
    }
    await this.database.closeIntents(
      journalIds,
      this.spending.owner,
      // What was spent for an answer that is still to be written must not be spent again before the grace is over.
      [...this.spending.underWay(), ...this.stuck],
      this.exchange.leaseSeconds,
    );
    await this.database.noteCompared(journalIds, line);
    for (const journal of journals) this.comparedWith.set(journal, line);
    const gone = await this.journals.closeSpent(this.exchange.leaseSeconds * 1_000);
    if (gone.length > 0) await this.database.forget(gone);
    return replayed;
  }

  private async bringUp(
    journal: Journal,
    batches: Iterable<readonly JournalHead[]> | AsyncIterable<readonly JournalHead[]>,
    policy: ExchangePolicy,
    releasedAt: Date,
  ): Promise<number> {
    const held = new Map<HoldReason, Held>();
    let replayed = 0;
    for await (const batch of batches) {
      const heads = batch.filter(({ id }) => !this.spending.has(id));
      const found = await this.database.compare(heads);
      for (const head of heads) {
        const comparison = found.get(head.id);
        const verdict = verdictOn(head, comparison, this.database.deploymentId);
        // Whoever released the last hold is content with what the database lacked then.
        const isAccepted = verdict !== 'replay' && new Date(head.issuedAt) <= releasedAt;
        if (verdict === 'settled' || isAccepted) this.settle(journal, head);
        else if (verdict === 'replay') {
          const generation = comparison?.generation ?? head.generation;
          replayed += await this.tryReplay(journal, head, generation, policy);
        } else held.set(verdict, oneMore(head, held.get(verdict)));
      }
    }
    for (const [reason, what] of held) await this.hold(reason, what);
    return replayed;
  }

  /** One answer that cannot be written, whatever the reason, keeps no other connection's back. */
  private async tryReplay(
    journal: Journal,
    head: JournalHead,
    generation: number,
    policy: ExchangePolicy,
  ): Promise<0 | 1> {
    try {
      return await this.replay(journal, head, generation, policy);
    } catch (error) {
      if (isDatabaseOutage(error)) throw error;
      const { id, tenantId, connectionId } = head;
      if (!this.stuck.has(id))
        log.error({ err: error, tenantId, connectionId }, 'an answer in the journal cannot be written');
      this.stuck.add(id);
      return 0;
    }
  }

  private settle(journal: Journal, { id }: JournalHead): void {
    this.stuck.delete(id);
    journal.settle(id);
  }

  /**
   * @param generation the database's, over which the answer is written
   * @returns 1 when the entry became the next generation
   */
  private async replay(
    journal: Journal,
    head: JournalHead,
    generation: number,
    policy: ExchangePolicy,
  ): Promise<0 | 1> {
    const { id, tenantId, connectionId, grantType, issuedAt } = head;
    const claim = { tenantId, connectionId, generation };
    const loaded = await this.renewals.load(claim);
    const connection = loaded && asItWasSpent(loaded, head);
    const grant = connection && grantsInOrder(connection).find(({ type }) => type === grantType);
    let written = false;
    if (connection && grant) {
      const { sealed } = await journal.read(head);
      const spent = { tenantId, intentId: id, generation: head.generation };
      const answer = await this.renewals.openAnswer(spent, connection, sealed);
      const provider = this.registry.get(connection.provider);
      const outcome = provider.readTokenResponse(answer, { grant: grant.type, client: connection });
      if (outcome.kind === 'tokens') {
        const issued = { tokens: outcome.tokens, grant, issuedAt: new Date(issuedAt) };
        written = await this.commitment.commit(claim, connection, issued, policy, true);
      }
    }
    this.settle(journal, head);
    if (written)
      log.info({ tenantId, connectionId, generation: generation + 1 }, 'replayed from the journal');
    return written ? 1 : 0;
  }

  private async hold(reason: HoldReason, { connections, heads }: Held): Promise<void> {
    const examples = heads.map(({ tenantId, connectionId, generation }) => ({
      tenant_id: tenantId,
      connection_id: connectionId,
      generation: generation + 1,
    }));
    const isNew = await this.holds.hold(reason, { connections, examples });
    if (isNew) log.error({ reason, connections }, 'renewals are held');
  }
}

/**
 * The connection as the entry's exchange saw it: an authorisation that came after a refresh is still to be exchanged,
 * and is not what was answered.
 * @returns null when what was exchanged has been replaced since
 */
function asItWasSpent(
  loaded: ClaimedConnection,
  { fromPending, spentHash }: JournalHead,
): ClaimedConnection | null {
  if (!fromPending) return { ...loaded, pending: null, spentHash };
  return loaded.pending && loaded.spentHash === spentHash ? loaded : null;
}

/** All may be held at once: of most only the number is kept. */
interface Held {
  readonly connections: number;
  readonly heads: readonly JournalHead[];
}

function oneMore(head: JournalHead, { connections, heads }: Held = { connections: 0, heads: [] }): Held {
  return { connections: connections + 1, heads: heads.length < 10 ? [...heads, head] : heads };
}
