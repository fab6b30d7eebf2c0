import { Injectable } from '@nestjs/common';
import { countRenewal, inSpan, log } from '#observability';
import { failureCodes, type TokenGrant } from '#provider-kit';
import { type Claim, type ClaimedConnection, isDatabaseOutage, RenewalRepository } from '#vault';
import type { AttemptResult } from './attempt-result.js';
import { AccountCheck } from './outcome/account-check.js';
import { classifyForGrant } from './outcome/classify-for-grant.js';
import { FailureWriter } from './outcome/failure-writer.js';
import { fromError, fromProvider, type RenewalFailure } from './outcome/renewal-failure.js';
import { TokenWriter } from './outcome/token-writer.js';
import { UnreadAnswers } from './outcome/unread-answers.js';
import { CibaReissue } from './request/ciba-reissue.js';
import { grantsInOrder } from './request/grants-in-order.js';
import {
  type IssuedTokens,
  TokenRequest,
  type TokenRequestResult,
  type UnreadableAnswer,
} from './request/token-request.js';

export interface AttemptOptions {
  /** Tell every replica to forget the token before. */
  readonly announce?: boolean;
  /** Wait for a turn among the requests of the worker. */
  readonly inSlot?: boolean;
}

/**
 * One attempt to renew what a claim has leased: asks the provider once and writes the outcome. Success and terminal
 * failure alike are written only while the generation is still the claimed one. A lease that ran out meanwhile never
 * discards tokens; tokens that the database cannot take just now stay in the journal, and are written from there.
 */
@Injectable()
export class RenewalAttempt {
  constructor(
    private readonly renewals: RenewalRepository,
    private readonly tokenRequest: TokenRequest,
    private readonly reissue: CibaReissue,
    private readonly accounts: AccountCheck,
    private readonly tokens: TokenWriter,
    private readonly failures: FailureWriter,
    private readonly unread: UnreadAnswers,
  ) {}

  /** @throws Error when the database cannot be asked, or cannot take the outcome */
  async run(claim: Claim, options: AttemptOptions = {}): Promise<AttemptResult> {
    const beganAtMs = performance.now();
    const connection = await this.renewals.load(claim).catch(asFailure);
    if (connection === null) return { kind: 'gone' };
    const result = await this.attempt(claim, connection, options);
    const provider = 'remedy' in connection ? '' : connection.provider;
    countRenewal(provider, outcomeOf(result), performance.now() - beganAtMs);
    return result;
  }

  private async attempt(
    claim: Claim,
    connection: ClaimedConnection | RenewalFailure,
    options: AttemptOptions,
  ): Promise<AttemptResult> {
    if ('remedy' in connection) return this.failures.fail(claim, null, connection);
    const grants = grantsInOrder(connection);
    const unread = connection.pending ? connection.pending.unread : connection.token?.unread;
    if (unread) {
      const again = this.unread.readAgain(connection, unread);
      // Every replica forgets the token before, which the provider may have replaced when it gave this answer.
      if ('tokens' in again) return this.commit(claim, connection, again, { ...options, announce: true });
      // It was sent, and answered: there is nothing else to ask for.
      if (connection.pending || grants.length === 0) return this.failures.fail(claim, connection, again);
    }
    if (grants.length === 0) return this.beginAgain(claim, connection);
    if (connection.pending?.expired) return this.failures.fail(claim, connection, terminal('expired_token'));
    const result = await this.request(claim, connection, grants, options.inSlot ?? false);
    if ('remedy' in result) return this.failures.fail(claim, connection, result);
    if ('slowDown' in result) return this.failures.reschedule(claim, connection, result);
    if ('unsent' in result) return this.failures.giveBack(claim);
    if ('unreadable' in result) return this.keepUnread(claim, connection, result.unreadable);
    return this.commit(claim, connection, result, options);
  }

  private keepUnread(
    claim: Claim,
    connection: ClaimedConnection,
    answered: UnreadableAnswer,
  ): Promise<AttemptResult> {
    return this.unread.isWorthKeeping(connection, answered)
      ? this.unread.keepAttempt(claim, connection, answered)
      : this.failures.fail(claim, connection, answered.failure);
  }

  private async commit(
    claim: Claim,
    connection: ClaimedConnection,
    issued: IssuedTokens,
    { announce = false }: AttemptOptions,
  ): Promise<AttemptResult> {
    const consented = await this.accounts.of(claim, connection, issued);
    if (consented === 'turned_away') return this.failures.turnAway(claim, connection);
    const committed = await inSpan('commit', {}, () =>
      this.tokens.commitAttempt(claim, connection, issued, consented, announce),
    );
    return committed ? { kind: 'committed', generation: claim.generation + 1 } : { kind: 'superseded' };
  }

  /** One request per grant; the next grant only where the one before has ended for good. */
  private async request(
    claim: Claim,
    connection: ClaimedConnection,
    grants: readonly TokenGrant[],
    inSlot: boolean,
  ): Promise<Exclude<TokenRequestResult, { failure: unknown }> | RenewalFailure> {
    let failure: RenewalFailure = terminal('not_renewable');
    for (const [at, grant] of grants.entries()) {
      const result = await this.tokenRequest
        .send(claim, connection, grant, { inSlot, isFirst: at === 0 })
        .catch(asFailure);
      if (!('failure' in result || 'remedy' in result)) return result;
      failure = classifyForGrant('remedy' in result ? result : fromProvider(result.failure), grant);
      if (failure.class !== 'terminal') break;
    }
    return failure;
  }

  /** With nothing to renew with: a new request to the user's device where the provider allows that silently. */
  private async beginAgain(claim: Claim, connection: ClaimedConnection): Promise<AttemptResult> {
    if (!this.reissue.applies(connection))
      return this.failures.fail(claim, connection, terminal('not_renewable'));
    const started = await this.reissue.begin(claim, connection).catch(asFailure);
    if ('remedy' in started) return this.failures.fail(claim, connection, started);
    const { intervalSeconds } = started;
    return this.failures.reschedule(claim, connection, { slowDown: false, intervalSeconds });
  }
}

/**
 * Every error but a database that is away ends as a failure of this one connection, so that a row nobody can renew
 * does not come back at once for ever.
 */
function asFailure(error: unknown): RenewalFailure {
  if (isDatabaseOutage(error)) throw error;
  try {
    return fromError(error);
  } catch {
    log.error({ err: error }, 'renewal failed unexpectedly');
    return { code: 'internal_error', ...failureCodes.internal_error };
  }
}

/** As the metric has it. */
function outcomeOf(result: AttemptResult): string {
  if (result.kind === 'committed') return 'renewed';
  return result.kind === 'failed' && result.failure.class === 'terminal' ? 'ended' : result.kind;
}

function terminal(code: 'expired_token' | 'not_renewable'): RenewalFailure {
  return { code, ...failureCodes[code] };
}
