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
  private comparedWith: string | undefined;
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
    const everything = line !== this.comparedWith;
    const releasedAt = (await this.holds.last())?.releasedAt ?? new Date(0);
    let replayed = 0;
    for (const journal of this.journals.all) {
      const heads = (everything ? journal.keptHeads() : journal.unsettled()).filter(
        ({ id }) => !this.spending.has(id),
      );
      replayed += await this.bringUp(journal, heads, policy, releasedAt);
    }
    await this.database.closeIntents(
      this.journals.all.map(({ id }) => id),
      this.spending.owner,
      // What was spent for an answer that is still to be written must not be spent again before the grace is over.
      [...this.spending.underWay(), ...this.stuck],
      this.exchange.leaseSeconds,
    );
    await this.database.noteCompared(
      this.journals.all.map(({ id }) => id),
      line,
    );
    this.comparedWith = line;
    return replayed;
  }

  private async bringUp(
    journal: Journal,
    heads: readonly JournalHead[],
    policy: ExchangePolicy,
    releasedAt: Date,
  ): Promise<number> {
    const found = await this.database.compare(heads);
    const held = new Map<HoldReason, JournalHead[]>();
    let replayed = 0;
    for (const head of heads) {
      const comparison = found.get(head.id);
      const verdict = verdictOn(head, comparison, this.database.deploymentId);
      // Whoever released the last hold is content with what the database lacked then.
      const isAccepted = verdict !== 'replay' && new Date(head.issuedAt) <= releasedAt;
      if (verdict === 'settled' || isAccepted) this.settle(journal, head);
      else if (verdict === 'replay') {
        const generation = comparison?.generation ?? head.generation;
        replayed += await this.tryReplay(journal, head, generation, policy);
      } else held.set(verdict, [...(held.get(verdict) ?? []), head]);
    }
    for (const [reason, entries] of held) await this.hold(reason, entries);
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
      const { sealed } = await journal.read(id);
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

  private async hold(reason: HoldReason, entries: readonly JournalHead[]): Promise<void> {
    const examples = entries.slice(0, 10).map(({ tenantId, connectionId, generation }) => ({
      tenant_id: tenantId,
      connection_id: connectionId,
      generation: generation + 1,
    }));
    const isNew = await this.holds.hold(reason, { connections: entries.length, examples });
    if (isNew) log.error({ reason, connections: entries.length }, 'renewals are held');
  }
}

/**
 * The connection as the entry's exchange saw it: an authorisation that came after a refresh is still to be exchanged,
 * and is not what was answered.
 * @returns null when what was exchanged has been replaced since
 */
function asItWasSpent(
  loaded: ClaimedConnection,
  { fromPending, credentialHash }: JournalHead,
): ClaimedConnection | null {
  if (!fromPending) return { ...loaded, pending: null, credentialHash };
  return loaded.pending && loaded.credentialHash === credentialHash ? loaded : null;
}
