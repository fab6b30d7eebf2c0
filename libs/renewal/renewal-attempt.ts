import { Injectable } from '@nestjs/common';
import { log } from '#observability';
import { failureCodes, type TokenGrant } from '#provider-kit';
import { type Claim, type ClaimedConnection, isDatabaseOutage, RenewalRepository } from '#vault';
import type { AttemptResult } from './attempt-result.js';
import { LeaseTimes } from './lease-times.js';
import { classifyForGrant } from './outcome/failure-outcome.js';
import { FailureWriter } from './outcome/failure-writer.js';
import { fromError, fromProvider, type RenewalFailure } from './outcome/renewal-failure.js';
import { TokenWriter } from './outcome/token-writer.js';
import { CibaReissue } from './request/ciba-reissue.js';
import { grantsInOrder } from './request/grants-in-order.js';
import { TokenRequest, type TokenRequestResult } from './request/token-request.js';

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
    private readonly tokens: TokenWriter,
    private readonly failures: FailureWriter,
    private readonly times: LeaseTimes,
  ) {}

  /** @throws Error when the database cannot be asked, or cannot take the outcome */
  async run(claim: Claim, options: AttemptOptions = {}): Promise<AttemptResult> {
    const connection = await this.renewals.load(claim).catch(asFailure);
    if (connection === null) return { kind: 'gone' };
    if ('remedy' in connection) return this.failures.fail(claim, null, connection);
    const grants = grantsInOrder(connection);
    if (grants.length === 0) return this.beginAgain(claim, connection);
    if (connection.pending?.expired) return this.failures.fail(claim, connection, terminal('expired_token'));
    const result = await this.request(claim, connection, grants, options.inSlot ?? false);
    if ('remedy' in result) return this.failures.fail(claim, connection, result);
    if ('slowDown' in result) return this.failures.reschedule(claim, connection, result);
    if ('unsent' in result) return this.failures.giveBack(claim);
    const committed = await this.tokens.commitAttempt(claim, connection, result, options.announce ?? false);
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
    const deadlineMs = () => this.times.deadlineMs(claim);
    // A connection that was claimed ahead may have waited; once something was sent, all of the lease is used.
    let mostWaitMs = inSlot ? this.times.mostWaitMs(claim) : undefined;
    for (const grant of grants) {
      const result = await this.tokenRequest
        .send(claim, connection, grant, { deadlineMs, mostWaitMs, inSlot })
        .catch(asFailure);
      mostWaitMs = undefined;
      if ('tokens' in result || 'slowDown' in result || 'unsent' in result) return result;
      failure = classifyForGrant('remedy' in result ? result : fromProvider(result.failure), grant);
      if (failure.class !== 'terminal') break;
    }
    return failure;
  }

  /** With nothing to renew with: a new request to the user's device where the provider allows that silently. */
  private async beginAgain(claim: Claim, connection: ClaimedConnection): Promise<AttemptResult> {
    if (!this.reissue.applies(connection))
      return this.failures.fail(claim, connection, terminal('not_renewable'));
    const started = await this.reissue
      .begin(claim, connection, this.times.deadlineMs(claim))
      .catch(asFailure);
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

function terminal(code: 'expired_token' | 'not_renewable'): RenewalFailure {
  return { code, ...failureCodes[code] };
}
