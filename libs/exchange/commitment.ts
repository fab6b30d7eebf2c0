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
    const due = isRenewable(connection.grant, contents)
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
    return this.renewals.commit(claim, connection, {
      contents,
      issuedAt,
      expiresAt: after(issuedAt, tokens.expiresInSeconds),
      refreshTokenExpiresAt: at(refreshTokenSeconds),
      nextRenewalAt: at(due.nextSeconds),
      renewAheadAt: at(due.onceReadSeconds),
      oneTime: hasRefreshToken && rotationOf(adapter, connection.settings) === 'strict',
      singleUse: adapter.isSingleUse?.(connection.requestedScope) ?? false,
      announce: announce || provider.renewalInvalidatesPrevious,
    });
  }

  /** When the worker looks at tokens that cannot be renewed: as they end, to say so; never, where a read gets new ones. */
  private endsAfterSeconds(connection: ClaimedConnection, expiresInSeconds: number): number | null {
    return this.reissue.applies(connection) ? null : expiresInSeconds;
  }
}
