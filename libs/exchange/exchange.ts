import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import {
  type Clock,
  failureCodes,
  PROVIDER_REGISTRY,
  type ProviderRegistry,
  type TokenGrant,
  type TokenSet,
} from '#provider-kit';
import { CLOCK, type Claim, type ClaimedConnection, type LastError, RenewalRepository } from '#vault';
import { judged, outlives, statusAfter } from './aftermath.js';
import { type ExchangeFailure, fromError, fromProvider } from './exchange-failure.js';
import type { ExchangePolicy } from './exchange-policy.js';
import { grantsInOrder, isRenewable } from './next-grant.js';
import { Reissue } from './reissue.js';
import { requestTokens, type TokenRequestResult } from './token-request.js';

export type ExchangeResult =
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
  /** Connection or tenant was removed meanwhile. */
  | { readonly kind: 'gone' };

type Tokens = { readonly tokens: TokenSet; readonly sentAtMs: number; readonly grant: TokenGrant };

/** The lease outlives the hard deadline of the call by this: time to write down how it ended. */
const leaseMarginSeconds = 5;

/** What `slow_down` adds to the interval, for good (OpenID CIBA Core §11). */
const slowDownSeconds = 5;

/**
 * Spends what a claim has leased: asks the provider once and writes the end down, success and terminal failure alike
 * only while the generation is still the claimed one. A lease that ran out meanwhile never discards tokens.
 */
@Injectable()
export class Exchange {
  /** Seconds a claim for this exchange must be leased. */
  readonly leaseSeconds: number;

  constructor(
    private readonly renewals: RenewalRepository,
    private readonly reissue: Reissue,
    @Inject(PROVIDER_REGISTRY) private readonly registry: ProviderRegistry,
    @Inject(CLOCK) private readonly clock: Clock,
    @InjectSettings() private readonly settings: Settings,
  ) {
    this.leaseSeconds = settings.upstreamTimeoutMs / 1_000 + leaseMarginSeconds;
  }

  async spend(
    claim: Claim,
    policy: ExchangePolicy,
    options: { announce?: boolean } = {},
  ): Promise<ExchangeResult> {
    const connection = await this.renewals.load(claim).catch(fromError);
    if (connection === null) return { kind: 'gone' };
    if ('remedy' in connection) return this.fail(claim, null, connection, policy);
    const grants = grantsInOrder(connection);
    if (grants.length === 0) return this.begin(claim, connection, policy);
    if (connection.pending?.expired) return this.fail(claim, connection, terminal('expired_token'), policy);
    const result = await this.request(claim, connection, grants);
    if ('remedy' in result) return this.fail(claim, connection, result, policy);
    if ('slowDown' in result) return this.postpone(claim, connection, result);
    return this.commit(claim, connection, result, policy, options.announce ?? false);
  }

  /** One request per grant; the next grant only where the one before has ended for good. */
  private async request(
    claim: Claim,
    connection: ClaimedConnection,
    grants: readonly TokenGrant[],
  ): Promise<Tokens | Extract<TokenRequestResult, { slowDown: boolean }> | ExchangeFailure> {
    const provider = this.registry.get(connection.provider);
    let failure: ExchangeFailure = terminal('not_renewable');
    for (const grant of grants) {
      const timing = { clock: this.clock, deadlineMonotonicMs: this.deadlineMs(claim) };
      const result = await requestTokens(provider, connection, connection.secrets, grant, timing).catch(
        fromError,
      );
      if ('tokens' in result) return { ...result, grant };
      if ('slowDown' in result) return result;
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
    const started = await this.reissue.begin(claim, connection, this.deadlineMs(claim)).catch(fromError);
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
    await this.renewals.postpone(claim, after(this.now(claim), intervalSeconds), intervalSeconds);
    return { kind: 'pending', retryInSeconds: intervalSeconds };
  }

  private async commit(
    claim: Claim,
    connection: ClaimedConnection,
    { tokens, sentAtMs, grant }: Tokens,
    policy: ExchangePolicy,
    announce: boolean,
  ): Promise<ExchangeResult> {
    const adapter = this.registry.get(connection.provider);
    const provider = adapter.descriptor;
    // Lifetimes count from when the request was sent, translated to the database's clock.
    const issuedAt = new Date(claim.claimedAt.getTime() + Math.max(0, sentAtMs - claim.answeredAtMs));
    const expiresAt = after(issuedAt, tokens.expiresInSeconds);
    const contents = contentsAfter(tokens, connection, grant);
    const refreshTokenSeconds =
      contents.refreshToken === null
        ? null
        : (tokens.refreshTokenExpiresInSeconds ?? provider.lifetimes.refreshTokenSeconds);
    const lifetimes = {
      renewal: connection.renewal,
      accessTokenSeconds: tokens.expiresInSeconds,
      refreshTokenSeconds,
    };
    const dueInSeconds = isRenewable(connection.grant, contents)
      ? policy.renewAfterSeconds({ connectionId: claim.connectionId, provider, ...lifetimes })
      : this.endsAfterSeconds(connection, tokens);
    const committed = await this.renewals.commit(claim, connection.sealingKey, {
      contents,
      issuedAt,
      expiresAt,
      refreshTokenExpiresAt: refreshTokenSeconds === null ? null : after(issuedAt, refreshTokenSeconds),
      nextRenewalAt: dueInSeconds === null ? null : after(issuedAt, dueInSeconds),
      singleUse: adapter.isSingleUse?.(connection.requestedScope) ?? false,
      announce: announce || provider.renewalInvalidatesPrevious,
    });
    return committed ? { kind: 'committed', generation: claim.generation + 1 } : { kind: 'superseded' };
  }

  /** When the worker looks at tokens that cannot be renewed: as they end, to say so; never, where a read gets new ones. */
  private endsAfterSeconds(connection: ClaimedConnection, tokens: TokenSet): number | null {
    return this.reissue.applies(connection) ? null : tokens.expiresInSeconds;
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
    const at = this.now(claim);
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
      dropPending: failure.class === 'terminal',
    });
    return noted ? { kind: 'failed', failure, lastError, holdBackSeconds } : { kind: 'superseded' };
  }

  /** No byte is sent, and no answer awaited, once the lease is about to end. */
  private deadlineMs(claim: Claim): number {
    const leaseEndsAtMs = claim.askedAtMs + this.leaseSeconds * 1_000;
    return Math.min(this.clock.monotonicMs() + this.settings.upstreamTimeoutMs, leaseEndsAtMs - 1_000);
  }

  /** On the database's clock. */
  private now(claim: Claim): Date {
    return new Date(claim.claimedAt.getTime() + (this.clock.monotonicMs() - claim.answeredAtMs));
  }
}

function contentsAfter(tokens: TokenSet, connection: ClaimedConnection, grant: TokenGrant) {
  const kept =
    connection.pending?.keepPassword && grant.type === 'password'
      ? { username: grant.username, password: grant.password }
      : connection.token?.password;
  // A refresh token that was not renewed stays in use; one of an authorisation that has been replaced does not.
  const refreshTokenBefore = grant.type === 'refresh_token' ? grant.refreshToken : null;
  return {
    accessToken: tokens.accessToken,
    tokenType: tokens.tokenType,
    scope: tokens.scope ?? connection.scope ?? connection.requestedScope,
    refreshToken: grant.type === 'client_credentials' ? null : (tokens.refreshToken ?? refreshTokenBefore),
    ...(kept ? { password: kept } : {}),
  };
}

function terminal(code: 'expired_token' | 'not_renewable'): ExchangeFailure {
  return { code, ...failureCodes[code] };
}

function after(instant: Date, seconds: number): Date {
  return new Date(instant.getTime() + seconds * 1_000);
}
