import { Inject, Injectable } from '@nestjs/common';
import { PROVIDER_REGISTRY, type ProviderRegistry } from '#provider-kit';
import { type Connection, ConnectionRepository, type RenewalMode, TokenRepository } from '#vault';
import { isRenewable } from '../request/grants-in-order.js';
import { type DueTimes, dueAfter } from './due-time.js';

/** Changes when a connection is renewed, for the tokens it has as well as for those to come. */
@Injectable()
export class RenewalModeService {
  constructor(
    private readonly connections: ConnectionRepository,
    private readonly tokens: TokenRepository,
    @Inject(PROVIDER_REGISTRY) private readonly registry: ProviderRegistry,
  ) {}

  async change(tenantId: string, connection: Connection, renewal: RenewalMode): Promise<void> {
    const token = (await this.tokens.read(tenantId, connection.slug))?.token;
    const { accessTokenIssuedAt: issuedAt, nextRenewalAt } = connection;
    const due =
      token && issuedAt && isRenewable(connection.grant, token)
        ? this.due(connection, renewal, token.refreshToken !== null)
        : null;
    const at = (seconds: number | null) =>
      seconds === null || !issuedAt ? null : new Date(issuedAt.getTime() + seconds * 1_000);
    await this.connections.setRenewal(tenantId, connection.id, renewal, {
      nextRenewalAt: due ? at(due.nextSeconds) : nextRenewalAt,
      renewAheadAt: due ? at(due.onceReadSeconds) : null,
    });
  }

  private due(connection: Connection, renewal: RenewalMode, hasRefreshToken: boolean): DueTimes | null {
    const {
      credential,
      accessTokenIssuedAt: issuedAt,
      accessTokenExpiresAt,
      refreshTokenExpiresAt,
    } = connection;
    if (!credential || !issuedAt) return null;
    const secondsUntil = (instant: Date) => (instant.getTime() - issuedAt.getTime()) / 1_000;
    const provider = this.registry.get(credential.provider);
    return dueAfter({
      connectionId: connection.id,
      provider: provider.descriptor,
      renewal,
      mostLeadSeconds: provider.renewalLeadSeconds?.(credential.settings) ?? null,
      accessTokenSeconds: accessTokenExpiresAt && secondsUntil(accessTokenExpiresAt),
      refreshTokenSeconds: refreshTokenExpiresAt && secondsUntil(refreshTokenExpiresAt),
      hasRefreshToken,
    });
  }
}
