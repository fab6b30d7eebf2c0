import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { log } from '#observability';
import { type Clock, failureCodes, type TokenGrant } from '#provider-kit';
import {
  CLOCK,
  type Claim,
  type ClaimedConnection,
  CredentialRepository,
  isDatabaseOutage,
  type LastError,
  RenewalRepository,
} from '#vault';
import { judged, outlives, statusAfter } from './aftermath.js';
import { after, databaseNow } from './claim-clock.js';
import { Commitment } from './commitment.js';
import { type ExchangeFailure, fromError, fromProvider } from './exchange-failure.js';
import type { ExchangePolicy } from './exchange-policy.js';
import { Journals } from './journals.js';
import { grantsInOrder } from './next-grant.js';
import { Reissue } from './reissue.js';
import { Spending } from './spending.js';
import { TokenRequest, type TokenRequestResult } from './token-request.js';

export type ExchangeResult = { readonly upstream?: string } & (
  | { readonly kind: 'committed'; readonly generation: number }
  /** Somebody else renewed meanwhile; nothing was written. */
  | { readonly kind: 'superseded' }
  /** The provider waits for its user; it may be asked again then. */
  | { readonly kind: 'pending'; readonly retryInSeconds: number }
  | {
      readonly kind: 'failed';
      readonly failure: ExchangeFailure;
      readonly lastError: LastError;
      readonly holdBackSeconds: number;
    }
  /** Nothing was sent, as the turn for it came too late: it is due at once, for whoever is there. */
  | { readonly kind: 'returned' }
  /** Connection or tenant was removed meanwhile. */
  | { readonly kind: 'gone' }
);

export interface SpendOptions {
  /** Tell every replica to forget the token before. */
  readonly announce?: boolean;
  /** Wait for a turn among the requests of the worker. */
  readonly inSlot?: boolean;
}

/** The lease outlives the hard deadline of the call by this: time to write down how it ended. */
const leaseMarginSeconds = 5;

/** What `slow_down` adds to the interval, for good (OpenID CIBA Core §11). */
const slowDownSeconds = 5;

/**
 * Spends what a claim has leased: asks the provider once and writes the end down, success and terminal failure alike
 * only while the generation is still the claimed one. A lease that ran out meanwhile never discards tokens; tokens
 * that the database cannot take just now stay in the journal, and are written from there.
 */
@Injectable()
export class Exchange {
  /** Seconds a claim for this exchange must be leased. */
  readonly leaseSeconds: number;

  constructor(
    private readonly renewals: RenewalRepository,
    private readonly credentials: CredentialRepository,
    private readonly tokenRequest: TokenRequest,
    private readonly commitment: Commitment,
    private readonly journals: Journals,
    private readonly spending: Spending,
    private readonly reissue: Reissue,
    @Inject(CLOCK) private readonly clock: Clock,
    @InjectSettings() private readonly settings: Settings,
  ) {
    this.leaseSeconds = settings.upstreamTimeoutMs / 1_000 + leaseMarginSeconds;
  }

  /** @throws Error when the database cannot be asked, or cannot take the end */
  spend(claim: Claim, policy: ExchangePolicy, options: SpendOptions = {}): Promise<ExchangeResult> {
    return this.spending.during(claim.intentId, () => this.run(claim, policy, options));
  }

  private async run(claim: Claim, policy: ExchangePolicy, options: SpendOptions): Promise<ExchangeResult> {
    const connection = await this.renewals.load(claim).catch(asFailure);
    if (connection === null) return { kind: 'gone' };
    if ('remedy' in connection) return this.fail(claim, null, connection, policy);
    const { upstream } = connection;
    const grants = grantsInOrder(connection);
    if (grants.length === 0) return { upstream, ...(await this.begin(claim, connection, policy)) };
    if (connection.pending?.expired) return this.fail(claim, connection, terminal('expired_token'), policy);
    const result = await this.request(claim, connection, grants, options.inSlot ?? false);
    if ('remedy' in result) return { upstream, ...(await this.fail(claim, connection, result, policy)) };
    if ('slowDown' in result) return { upstream, ...(await this.postpone(claim, connection, result)) };
    if ('unsent' in result) return this.giveBack(claim);
    const committed = await this.commitment.commit(
      claim,
      connection,
      result,
      policy,
      options.announce ?? false,
    );
    this.journals.settle(claim.intentId);
    if (result.provedSecretId !== undefined) {
      // What is committed is committed: a proof that is not written now is written with the next renewal.
      await this.credentials
        .prove(claim.tenantId, connection.credentialId, result.provedSecretId)
        .catch((error: unknown) =>
          log.warn({ err: error }, 'a client secret was proved, and could not be noted'),
        );
    }
    return committed
      ? { kind: 'committed', upstream, generation: claim.generation + 1 }
      : { kind: 'superseded', upstream };
  }

  /** One request per grant; the next grant only where the one before has ended for good. */
  private async request(
    claim: Claim,
    connection: ClaimedConnection,
    grants: readonly TokenGrant[],
    inSlot: boolean,
  ): Promise<Exclude<TokenRequestResult, { failure: unknown }> | ExchangeFailure> {
    let failure: ExchangeFailure = terminal('not_renewable');
    const deadlineMs = () => this.deadlineMs(claim);
    // What was claimed ahead may have waited for long; once something was sent, whatever time is left is used.
    let mostWaitMs = inSlot ? this.mostWaitMs(claim) : undefined;
    for (const grant of grants) {
      const result = await this.tokenRequest
        .send(claim, connection, grant, { deadlineMs, mostWaitMs, inSlot })
        .catch(asFailure);
      mostWaitMs = undefined;
      if ('tokens' in result || 'slowDown' in result || 'unsent' in result) return result;
      failure = judged('remedy' in result ? result : fromProvider(result.failure), grant);
      if (failure.class !== 'terminal') break;
    }
    return failure;
  }

  /** Nothing to spend: a new request to the user's device, where the provider allows that silently; else it is over. */
  private async begin(
    claim: Claim,
    connection: ClaimedConnection,
    policy: ExchangePolicy,
  ): Promise<ExchangeResult> {
    if (!this.reissue.applies(connection))
      return this.fail(claim, connection, terminal('not_renewable'), policy);
    const started = await this.reissue.begin(claim, connection, this.deadlineMs(claim)).catch(asFailure);
    if ('remedy' in started) return this.fail(claim, connection, started, policy);
    return this.postpone(claim, connection, { slowDown: false, intervalSeconds: started.intervalSeconds });
  }

  private async postpone(
    claim: Claim,
    connection: ClaimedConnection,
    pending: { readonly slowDown: boolean; readonly intervalSeconds?: number },
  ): Promise<ExchangeResult> {
    const before = pending.intervalSeconds ?? connection.pending?.intervalSeconds ?? slowDownSeconds;
    const intervalSeconds = before + (pending.slowDown ? slowDownSeconds : 0);
    const nextAt = after(databaseNow(claim, this.clock), intervalSeconds);
    await this.renewals.postpone(claim, nextAt, intervalSeconds);
    this.journals.settle(claim.intentId);
    return { kind: 'pending', retryInSeconds: intervalSeconds };
  }

  /** As if it had not been claimed. */
  private async giveBack(claim: Claim): Promise<ExchangeResult> {
    await this.renewals.postpone(claim, databaseNow(claim, this.clock), null);
    this.journals.settle(claim.intentId);
    return { kind: 'returned' };
  }

  private async fail(
    claim: Claim,
    connection: ClaimedConnection | null,
    failure: ExchangeFailure,
    policy: ExchangePolicy,
  ): Promise<ExchangeResult> {
    const attempts = (connection?.failedAttempts ?? 0) + 1;
    const next = policy.afterFailure({ ...failure, attempts });
    const intervalSeconds = connection?.pending?.intervalSeconds ?? 0;
    const nextAttemptSeconds = outlives(failure, connection)
      ? 0
      : next.nextAttemptSeconds && Math.max(next.nextAttemptSeconds, intervalSeconds);
    const holdBackSeconds = Math.max(next.holdBackSeconds, intervalSeconds);
    const at = databaseNow(claim, this.clock);
    const nextAttemptAt = nextAttemptSeconds === null ? null : after(at, nextAttemptSeconds);
    const lastError: LastError = {
      code: failure.code,
      at: at.toISOString(),
      attempts,
      next_attempt_at: nextAttemptAt?.toISOString() ?? null,
      remedy: failure.remedy,
    };
    const noted = await this.renewals.fail(claim, {
      status: statusAfter(failure, claim, connection),
      error: lastError,
      nextRenewalAt: nextAttemptAt,
      retryNotBefore: after(at, holdBackSeconds),
      terminal: failure.class === 'terminal',
      spentHash: connection?.spentHash ?? null,
    });
    this.journals.settle(claim.intentId);
    return noted ? { kind: 'failed', failure, lastError, holdBackSeconds } : { kind: 'superseded' };
  }

  /** No byte is sent, and no answer awaited, once the lease is about to end. */
  private deadlineMs(claim: Claim): number {
    return Math.min(this.clock.monotonicMs() + this.settings.upstreamTimeoutMs, this.latestMs(claim));
  }

  /** How long a claim can wait to be sent so that its lease still covers a whole call. */
  private mostWaitMs(claim: Claim): number {
    return this.latestMs(claim) - this.settings.upstreamTimeoutMs - this.clock.monotonicMs();
  }

  private latestMs(claim: Claim): number {
    return claim.askedAtMs + this.leaseSeconds * 1_000 - 1_000;
  }
}

/**
 * Every error but a database that is away ends as a failure of this one connection, so that a row nobody can renew
 * does not come back at once for ever.
 */
function asFailure(error: unknown): ExchangeFailure {
  if (isDatabaseOutage(error)) throw error;
  try {
    return fromError(error);
  } catch {
    log.error({ err: error }, 'a renewal failed unexpectedly');
    return { code: 'internal_error', ...failureCodes.internal_error };
  }
}

function terminal(code: 'expired_token' | 'not_renewable'): ExchangeFailure {
  return { code, ...failureCodes[code] };
}
