import { Inject, Injectable } from '@nestjs/common';
import type { Journal } from '#journal';
import { log } from '#observability';
import { PROVIDER_REGISTRY, type ProviderRegistry, responseContext } from '#provider-kit';
import { type ClaimedConnection, RenewalRepository } from '#vault';
import type { AnswerHead } from '../answer-head.js';
import { AccountCheck } from '../outcome/account-check.js';
import { logTurnedAway } from '../outcome/log-failure.js';
import { fromProvider } from '../outcome/renewal-failure.js';
import { TokenWriter } from '../outcome/token-writer.js';
import { UnreadAnswers } from '../outcome/unread-answers.js';
import { grantsInOrder } from '../request/grants-in-order.js';
import { authorizationOf } from '../request/token-request.js';

/** Writes one answer of a journal as the next generation of its connection. */
@Injectable()
export class ReplayOne {
  constructor(
    private readonly renewals: RenewalRepository,
    private readonly accounts: AccountCheck,
    private readonly tokens: TokenWriter,
    private readonly unread: UnreadAnswers,
    @Inject(PROVIDER_REGISTRY) private readonly registry: ProviderRegistry,
  ) {}

  /**
   * @param generation the database's, over which the answer is written
   * @returns whether the entry became the next generation
   * @throws Error when the answer cannot be read or written
   */
  async replay(journal: Journal<AnswerHead>, head: AnswerHead, generation: number): Promise<boolean> {
    const { id, tenantId, key: connectionId, grantType, issuedAt } = head;
    const claim = { tenantId, connectionId, generation };
    const loaded = await this.renewals.load(claim);
    const connection = loaded && asItWasSent(loaded, head);
    const grant = connection && grantsInOrder(connection).find(({ type }) => type === grantType);
    if (!connection || !grant) return false;
    const { sealed } = await journal.read(head);
    const sent = { tenantId, intentId: id, generation: head.generation };
    const answer = await this.renewals.openAnswer(sent, connection, sealed);
    const provider = this.registry.get(connection.provider);
    const outcome = provider.readTokenResponse(
      answer,
      responseContext(connection, grant, new Date(issuedAt)),
    );
    if (outcome.kind === 'unreadable') {
      const { refreshToken } = outcome;
      const unread = { grant, issuedAt, answer, ...authorizationOf(connection) };
      const unreadable = { ...unread, failure: fromProvider(outcome.failure), refreshToken };
      if (!this.unread.isWorthKeeping(connection, unreadable)) return false;
      return (await this.unread.keep(claim, connection, unreadable, new Date(issuedAt))) !== undefined;
    }
    if (outcome.kind !== 'tokens') return false;
    const sentAt = new Date(issuedAt);
    const issued = { tokens: outcome.tokens, grant, issuedAt: sentAt, ...authorizationOf(connection) };
    const consented = await this.accounts.of(claim, connection, issued);
    if (consented === 'turned_away') {
      const turned = { ...claim, intentId: id };
      const done = await this.renewals.turnAway(turned, connection.spentHash, 'account_mismatch');
      if (done) logTurnedAway(claim, connection);
      return false;
    }
    const written = await this.tokens.commit(claim, connection, issued, consented, true);
    if (written)
      log.info({ tenantId, connectionId, generation: generation + 1 }, 'replayed an answer from the journal');
    return written;
  }
}

/**
 * The connection as the entry's attempt saw it: an authorisation that came after a refresh is still to be exchanged,
 * and is not what was answered.
 * @returns null when what was sent has been replaced since
 */
function asItWasSent(
  loaded: ClaimedConnection,
  { fromPending, spentHash }: AnswerHead,
): ClaimedConnection | null {
  if (!fromPending) return { ...loaded, pending: null, spentHash };
  return loaded.pending && loaded.spentHash === spentHash ? loaded : null;
}
