import { Inject, Injectable } from '@nestjs/common';
import type { JournalReservation } from '#journal';
import { JournalSet } from '#journal';
import { inSpan, log } from '#observability';
import {
  grantTraits,
  PROVIDER_REGISTRY,
  type ProviderFailure,
  type ProviderRegistry,
  type RawResponse,
  responseContext,
  rotationOf,
  type TokenGrant,
  type TokenOutcome,
  type TokenSet,
} from '#provider-kit';
import {
  type Claim,
  type ClaimedConnection,
  type ClaimedSecret,
  JournalRepository,
  type NewAuthorization,
  RenewalRepository,
  type UnreadAnswer,
} from '#vault';
import type { AnswerHead } from '../answer-head.js';
import { LeaseTimes } from '../lease-times.js';
import { RequestSlots } from '../limits/request-slots.js';
import { fromProvider, type RenewalFailure } from '../outcome/renewal-failure.js';
import { withEachSecret } from './with-each-secret.js';

/** A grant that was answered with tokens. */
export interface IssuedTokens {
  readonly tokens: TokenSet;
  readonly grant: TokenGrant;
  /** Database's clock: when the request was sent, for lifetimes count from then. */
  readonly issuedAt: Date;
  /** Of the authorisation that brought them; absent for a renewal. */
  readonly authorization?: NewAuthorization;
  /** Row of a client secret that the provider has now accepted for the first time. */
  readonly provedSecretId?: string;
}

/** An answer with success that cannot be read as tokens, and must not be lost. */
export interface UnreadableAnswer extends UnreadAnswer {
  readonly failure: RenewalFailure;
  /** The one found in it; null: it has one that cannot be sent back. */
  readonly refreshToken?: string | null | undefined;
}

export type TokenRequestResult =
  | IssuedTokens
  | { readonly unreadable: UnreadableAnswer }
  /** CIBA: the user has not answered yet. */
  | { readonly slowDown: boolean; readonly intervalSeconds?: number }
  /** Its turn has come too late: the process ends, or the lease does, or the journal of the claim was lost. */
  | { readonly unsent: true }
  | { readonly failure: ProviderFailure };

/**
 * Asks the provider. Where the answer could not be had again, room for it is set aside before a byte is sent, and it
 * is on disk before anybody reads it.
 */
@Injectable()
export class TokenRequest {
  constructor(
    private readonly journals: JournalSet<AnswerHead>,
    private readonly slots: RequestSlots,
    private readonly renewals: RenewalRepository,
    private readonly database: JournalRepository,
    private readonly times: LeaseTimes,
    @Inject(PROVIDER_REGISTRY) private readonly registry: ProviderRegistry,
  ) {}

  /**
   * One request, or several where it is not yet known which client secret is right.
   * @throws UpstreamError
   * @throws JournalError `journal_unavailable`, with nothing sent
   */
  async send(
    claim: Claim,
    connection: ClaimedConnection,
    grant: TokenGrant,
    { inSlot, isFirst }: SendOptions,
  ): Promise<TokenRequestResult> {
    // A connection that was claimed ahead may have waited; once something was sent, all of the lease is used.
    const mostWaitMs = inSlot && isFirst ? this.times.mostWaitMs(claim) : undefined;
    const result = await withEachSecret(connection.secrets, (secret, isNewest) => {
      const waits = isNewest ? mostWaitMs : undefined;
      return this.sendWith(secret, claim, connection, grant, { mostWaitMs: waits, inSlot });
    });
    return 'failure' in result ? { failure: mendable(result.failure, grant) } : result;
  }

  private async sendWith(
    secret: ClaimedSecret,
    claim: Claim,
    connection: ClaimedConnection,
    grant: TokenGrant,
    { mostWaitMs, inSlot }: Turn,
  ): Promise<TokenRequestResult> {
    const provider = this.registry.get(connection.provider);
    const client = { ...connection, secret };
    let kept: JournalReservation<AnswerHead> | undefined;
    let issuedAt = claim.claimedAt;
    let answer: RawResponse | undefined;
    let outcome: TokenOutcome;
    const ask = async () => {
      if (this.mustBeKept(connection, grant)) {
        // The process that has taken over the journal named in the intent ends the claim, and sends the same once more.
        if (claim.journalId !== this.journals.ownId) return undefined;
        kept = await inSpan('journal reserve', {}, () => this.journals.reserve());
      }
      issuedAt = this.times.databaseNow(claim);
      const deadlineMonotonicMs = this.times.deadlineMs(claim);
      return provider.sendTokenRequest(client, withScope(grant, connection), { deadlineMonotonicMs });
    };
    try {
      answer = await (inSlot ? this.slots.during(ask, mostWaitMs) : ask());
      if (answer === undefined) return { unsent: true };
      if (kept) await this.keep(kept, claim, connection, { grant, issuedAt, answer });
      outcome = provider.readTokenResponse(answer, responseContext(client, grant, issuedAt));
    } finally {
      kept?.release();
    }
    if (outcome.kind === 'failed') return { failure: outcome.failure };
    if (outcome.kind === 'pending') return outcome;
    const authorization = authorizationOf(connection);
    if (outcome.kind === 'unreadable') return notRead(outcome, { grant, issuedAt, answer, ...authorization });
    const proved = secret.proved ? {} : { provedSecretId: secret.id };
    return { tokens: outcome.tokens, grant, issuedAt, ...authorization, ...proved };
  }

  /** Whether losing the answer could cost the grant: not where the same request can simply be made again. */
  private mustBeKept(connection: ClaimedConnection, grant: TokenGrant): boolean {
    const { singleUse } = grantTraits[grant.type];
    if (singleUse !== 'where_rotating') return singleUse === 'always';
    return rotationOf(this.registry.get(connection.provider), connection.settings) !== 'none';
  }

  /** An answer that has come is worth more than its copy: when that fails after all, the way to the database is open. */
  private async keep(
    reservation: JournalReservation<AnswerHead>,
    claim: Claim,
    connection: ClaimedConnection,
    { grant, issuedAt, answer }: KeptAnswer,
  ): Promise<void> {
    const sealed = await this.renewals.sealAnswer(claim, connection, answer);
    const entry = {
      id: claim.intentId,
      deploymentId: this.database.deploymentId,
      tenantId: claim.tenantId,
      key: claim.connectionId,
      generation: claim.generation,
      spentHash: connection.spentHash ?? '',
      grantType: grant.type,
      fromPending: connection.pending !== null,
      issuedAt: issuedAt.toISOString(),
      sealed,
    };
    await inSpan('journal', {}, () => reservation.write(entry)).catch((error: unknown) =>
      log.warn({ err: error }, 'could not write an answer to the journal'),
    );
  }
}

export interface SendOptions {
  /** Whether it waits its turn among the requests of the worker; somebody who waits for a token does not. */
  readonly inSlot: boolean;
  /** Whether nothing was sent under this claim before. */
  readonly isFirst: boolean;
}

interface Turn {
  readonly inSlot: boolean;
  /** How much longer the first request can wait for its turn, so that the lease covers all of it; default for ever. */
  readonly mostWaitMs?: number | undefined;
}

interface KeptAnswer {
  readonly grant: TokenGrant;
  readonly issuedAt: Date;
  readonly answer: RawResponse;
  readonly authorization?: NewAuthorization;
}

/** An answer that can simply be asked for again is not kept. */
function notRead(
  { failure, refreshToken }: Extract<TokenOutcome, { kind: 'unreadable' }>,
  { issuedAt, ...sent }: KeptAnswer,
): TokenRequestResult {
  if (grantTraits[sent.grant.type].owner === 'client')
    return { failure: { ...failure, class: 'configuration' } };
  const unread = { ...sent, issuedAt: issuedAt.toISOString() };
  return { unreadable: { ...unread, failure: fromProvider(failure), refreshToken } };
}

/** A one-time credential that is exchanged is a new authorisation; anything else renews the one there is. */
export function authorizationOf({ pending }: Pick<ClaimedConnection, 'pending'>): {
  readonly authorization?: NewAuthorization;
} {
  return pending ? { authorization: pending.authorization ?? {} } : {};
}

/** A refresh names the scope that was asked for, for servers that want it there; others are not sent it. */
function withScope(grant: TokenGrant, { requestedScope }: ClaimedConnection): TokenGrant {
  if (!('refreshToken' in grant) || requestedScope === null) return grant;
  return { ...grant, scope: requestedScope };
}

/** A grant that no user gave, none can give again: whatever ended it, an admin mends it. */
function mendable(failure: ProviderFailure, grant: TokenGrant): ProviderFailure {
  if (grantTraits[grant.type].owner === 'user' || failure.class !== 'terminal') return failure;
  return { ...failure, code: 'unauthorized_client', class: 'configuration' };
}
