import { Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { JournalSet } from '#journal';
import { inSpan } from '#observability';
import { failureCodes } from '#provider-kit';
import { type Claim, type ClaimedConnection, RenewalRepository } from '#vault';
import type { AttemptResult } from '../attempt-result.js';
import { after, LeaseTimes } from '../lease-times.js';
import { afterFailure } from '../schedule/backoff.js';
import { grantSurvives, statusAfter } from './failure-outcome.js';
import { lastErrorOf } from './last-error.js';
import { logFailure, logTurnedAway } from './log-failure.js';
import type { RenewalFailure } from './renewal-failure.js';
import { repeatedRefusal } from './repeated-refusal.js';

/** Seconds that `slow_down` adds to the interval, for good (OpenID CIBA Core §11). */
const slowDownSeconds = 5;

/** Writes down how an attempt ended that brought no tokens, and when the next one is due. */
@Injectable()
export class FailureWriter {
  constructor(
    private readonly renewals: RenewalRepository,
    private readonly journals: JournalSet,
    private readonly times: LeaseTimes,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  async fail(
    claim: Claim,
    connection: ClaimedConnection | null,
    answered: RenewalFailure,
  ): Promise<AttemptResult> {
    const at = this.times.databaseNow(claim);
    const refusal = connection && repeatedRefusal(answered, connection, at);
    const failure = refusal?.failure ?? answered;
    const attempts = (connection?.failedAttempts ?? 0) + 1;
    const next = afterFailure({ ...failure, attempts }, this.settings.renewalLimits.backoffMaxSeconds);
    const intervalSeconds = connection?.pending?.intervalSeconds ?? 0;
    const nextAttemptSeconds = refusal
      ? refusal.nextAttemptSeconds
      : grantSurvives(failure, connection)
        ? 0
        : next.nextAttemptSeconds && Math.max(next.nextAttemptSeconds, intervalSeconds);
    const holdBackSeconds = Math.max(next.holdBackSeconds, intervalSeconds);
    const nextAttemptAt = nextAttemptSeconds === null ? null : after(at, nextAttemptSeconds);
    const lastError = lastErrorOf(failure, attempts, at, nextAttemptAt);
    const noted = await inSpan('commit', { 'grantkeeper.outcome': failure.code }, () =>
      this.renewals.fail(claim, {
        status: statusAfter(failure, claim, connection),
        error: lastError,
        nextRenewalAt: nextAttemptAt,
        retryNotBefore: after(at, holdBackSeconds),
        terminal: failure.class === 'terminal',
        refused: answered.code === 'provider_refused',
        spentHash: connection?.spentHash ?? null,
      }),
    );
    this.journals.settle(claim.intentId);
    if (noted) logFailure(claim, connection, failure, lastError);
    return noted ? { kind: 'failed', failure, lastError, holdBackSeconds } : { kind: 'superseded' };
  }

  /** Another account than had consented before came back: nothing is changed, and the grant of before lives on. */
  async turnAway(claim: Claim, connection: ClaimedConnection): Promise<AttemptResult> {
    const failure = { code: 'account_mismatch', ...failureCodes.account_mismatch } as const;
    const done = await this.renewals.turnAway(claim, connection.spentHash, failure.code);
    this.journals.settle(claim.intentId);
    const lastError = lastErrorOf(failure, 0, this.times.databaseNow(claim), null);
    if (done) logTurnedAway(claim, connection);
    return done ? { kind: 'failed', failure, lastError, holdBackSeconds: 0 } : { kind: 'superseded' };
  }

  /** The provider waits for its user: it is asked again after the interval. */
  async reschedule(
    claim: Claim,
    connection: ClaimedConnection,
    pending: { readonly slowDown: boolean; readonly intervalSeconds?: number },
  ): Promise<AttemptResult> {
    const before = pending.intervalSeconds ?? connection.pending?.intervalSeconds ?? slowDownSeconds;
    const intervalSeconds = before + (pending.slowDown ? slowDownSeconds : 0);
    const nextAt = after(this.times.databaseNow(claim), intervalSeconds);
    await this.renewals.reschedule(claim, nextAt, intervalSeconds);
    this.journals.settle(claim.intentId);
    return { kind: 'pending', retryInSeconds: intervalSeconds };
  }

  /** As if it had not been claimed. */
  async giveBack(claim: Claim): Promise<AttemptResult> {
    await this.renewals.reschedule(claim, this.times.databaseNow(claim), null);
    this.journals.settle(claim.intentId);
    return { kind: 'returned' };
  }
}
