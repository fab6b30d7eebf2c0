import { Inject, Injectable } from '@nestjs/common';
import { PROVIDER_REGISTRY, type ProviderRegistry, rotationOf } from '#provider-kit';
import { type Claim, type ClaimedConnection, RenewalRepository } from '#vault';
import { after } from './claim-clock.js';
import { contentsAfter } from './contents-after.js';
import type { ExchangePolicy } from './exchange-policy.js';
import { isRenewable } from './next-grant.js';
import { Reissue } from './reissue.js';
import type { IssuedTokens } from './token-request.js';

/** Writes tokens down as the next generation, whether they came just now or out of a journal. */
@Injectable()
export class Commitment {
  constructor(
    private readonly renewals: RenewalRepository,
    private readonly reissue: Reissue,
    @Inject(PROVIDER_REGISTRY) private readonly registry: ProviderRegistry,
  ) {}

  /** @returns false when somebody else has renewed meanwhile: nothing is written then */
  commit(
    claim: Pick<Claim, 'tenantId' | 'connectionId' | 'generation'>,
    connection: ClaimedConnection,
    { tokens, grant, issuedAt }: IssuedTokens,
    policy: ExchangePolicy,
    announce: boolean,
  ): Promise<boolean> {
    const adapter = this.registry.get(connection.provider);
    const provider = adapter.descriptor;
    const contents = contentsAfter(tokens, connection, grant);
    const hasRefreshToken = contents.refreshToken !== null;
    const refreshTokenSeconds = hasRefreshToken
      ? (tokens.refreshTokenExpiresInSeconds ?? provider.lifetimes.refreshTokenSeconds)
      : null;
    const renewable = isRenewable(connection.grant, contents);
    const due = renewable
      ? policy.dueAfter({
          connectionId: claim.connectionId,
          provider,
          renewal: connection.renewal,
          accessTokenSeconds: tokens.expiresInSeconds,
          refreshTokenSeconds,
          hasRefreshToken,
        })
      : { nextSeconds: this.endsAfterSeconds(connection, tokens.expiresInSeconds), onceReadSeconds: null };
    const at = (seconds: number | null) => (seconds === null ? null : after(issuedAt, seconds));
    const expiresAt = after(issuedAt, tokens.expiresInSeconds);
    const refreshTokenExpiresAt = at(refreshTokenSeconds);
    const endsForCertain = renewable
      ? isFixed(connection.refreshTokenExpiresAt, refreshTokenExpiresAt)
      : !this.reissue.applies(connection);
    return this.renewals.commit(claim, connection, {
      contents,
      issuedAt,
      expiresAt,
      refreshTokenExpiresAt,
      nextRenewalAt: at(due.nextSeconds),
      renewAheadAt: at(due.onceReadSeconds),
      grantEndsAt: endsForCertain ? (renewable ? refreshTokenExpiresAt : expiresAt) : null,
      rotating: hasRefreshToken && rotationOf(adapter, connection.settings) === 'strict',
      singleUse: adapter.isSingleUse?.(connection.requestedScope) ?? false,
      announce: announce || provider.renewalInvalidatesPrevious,
    });
  }

  /** When the worker looks at tokens that cannot be renewed: as they end, to say so; never, where a read gets new ones. */
  private endsAfterSeconds(connection: ClaimedConnection, expiresInSeconds: number): number | null {
    return this.reissue.applies(connection) ? null : expiresInSeconds;
  }
}

/** Whether a renewal has left the end of the refresh token where it was; seconds are rounded on the way. */
function isFixed(before: Date | null, now: Date | null): boolean {
  return before !== null && now !== null && now.getTime() <= before.getTime() + 2_000;
}
