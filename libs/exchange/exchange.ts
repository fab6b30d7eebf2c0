import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { type Clock, PROVIDER_REGISTRY, type ProviderRegistry, type TokenSet } from '#provider-kit';
import { CLOCK, type Claim, type ClaimedConnection, type LastError, RenewalRepository } from '#vault';
import { type ExchangeFailure, fromError, fromProvider } from './exchange-failure.js';
import type { ExchangePolicy } from './exchange-policy.js';
import { nextGrant } from './next-grant.js';
import { requestTokens, type TokenRequestResult } from './token-request.js';

export type ExchangeResult =
  | { readonly kind: 'committed'; readonly generation: number }
  /** Somebody else renewed meanwhile; nothing was written. */
  | { readonly kind: 'superseded' }
  | {
      readonly kind: 'failed';
      readonly failure: ExchangeFailure;
      readonly lastError: LastError;
      readonly holdBackSeconds: number;
    }
  /** Connection or tenant was removed meanwhile. */
  | { readonly kind: 'gone' };

/** The lease outlives the hard deadline of the call by this: time to write down how it ended. */
const leaseMarginSeconds = 5;

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
    const result = await this.request(claim, connection);
    if ('remedy' in result) return this.fail(claim, connection, result, policy);
    if ('failure' in result) return this.fail(claim, connection, fromProvider(result.failure), policy);
    return this.commit(claim, connection, result, policy, options.announce ?? false);
  }

  private async request(
    claim: Claim,
    connection: ClaimedConnection,
  ): Promise<TokenRequestResult | ExchangeFailure> {
    const grant = nextGrant(connection);
    if (!grant) return fromProvider({ code: 'invalid_grant', class: 'terminal', status: 0 });
    const now = this.clock.monotonicMs();
    const leaseEndsAtMs = claim.askedAtMs + this.leaseSeconds * 1_000;
    const deadlineMonotonicMs = Math.min(now + this.settings.upstreamTimeoutMs, leaseEndsAtMs - 1_000);
    return requestTokens(this.registry.get(connection.provider), connection, connection.secrets, grant, {
      clock: this.clock,
      deadlineMonotonicMs,
    }).catch(fromError);
  }

  private async commit(
    claim: Claim,
    connection: ClaimedConnection,
    { tokens, sentAtMs }: { tokens: TokenSet; sentAtMs: number },
    policy: ExchangePolicy,
    announce: boolean,
  ): Promise<ExchangeResult> {
    const provider = this.registry.get(connection.provider).descriptor;
    // Lifetimes count from when the request was sent, translated to the database's clock.
    const issuedAt = new Date(claim.claimedAt.getTime() + Math.max(0, sentAtMs - claim.answeredAtMs));
    const refreshToken = tokens.refreshToken ?? connection.token?.refreshToken ?? null;
    const refreshTokenSeconds =
      refreshToken === null
        ? null
        : (tokens.refreshTokenExpiresInSeconds ?? provider.lifetimes.refreshTokenSeconds);
    const renewAfterSeconds = policy.renewAfterSeconds({
      connectionId: claim.connectionId,
      provider,
      accessTokenSeconds: tokens.expiresInSeconds,
      refreshTokenSeconds,
    });
    const committed = await this.renewals.commit(claim, connection.sealingKey, {
      contents: {
        accessToken: tokens.accessToken,
        tokenType: tokens.tokenType,
        scope: tokens.scope ?? connection.scope ?? connection.requestedScope,
        refreshToken,
      },
      issuedAt,
      expiresAt: after(issuedAt, tokens.expiresInSeconds),
      refreshTokenExpiresAt: refreshTokenSeconds === null ? null : after(issuedAt, refreshTokenSeconds),
      nextRenewalAt: renewAfterSeconds === null ? null : after(issuedAt, renewAfterSeconds),
      announce: announce || provider.renewalInvalidatesPrevious,
    });
    return committed ? { kind: 'committed', generation: claim.generation + 1 } : { kind: 'superseded' };
  }

  private async fail(
    claim: Claim,
    connection: ClaimedConnection | null,
    failure: ExchangeFailure,
    policy: ExchangePolicy,
  ): Promise<ExchangeResult> {
    const attempts = (connection?.failedAttempts ?? 0) + 1;
    const { nextAttemptSeconds, holdBackSeconds } = policy.afterFailure({ ...failure, attempts });
    const at = new Date(claim.claimedAt.getTime() + (this.clock.monotonicMs() - claim.answeredAtMs));
    const nextAttemptAt = nextAttemptSeconds === null ? null : after(at, nextAttemptSeconds);
    const lastError: LastError = {
      code: failure.code,
      at: at.toISOString(),
      attempts,
      next_attempt_at: nextAttemptAt?.toISOString() ?? null,
      remedy: failure.remedy,
    };
    const noted = await this.renewals.fail(claim, {
      status: statusAfter(failure, claim),
      error: lastError,
      nextRenewalAt: nextAttemptAt,
      retryNotBefore: after(at, holdBackSeconds),
    });
    return noted ? { kind: 'failed', failure, lastError, holdBackSeconds } : { kind: 'superseded' };
  }
}

/** A first exchange that fails leaves the connection pending; a later one costs it only its good name, unless the grant is gone. */
function statusAfter(failure: ExchangeFailure, claim: Claim) {
  if (claim.generation === 0) return 'pending';
  return failure.class === 'terminal' ? 'reauthorization_required' : 'degraded';
}

function after(instant: Date, seconds: number): Date {
  return new Date(instant.getTime() + seconds * 1_000);
}
