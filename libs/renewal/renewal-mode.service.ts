import { Inject, Injectable } from '@nestjs/common';
import { isRenewable } from '#exchange';
import { PROVIDER_REGISTRY, type ProviderRegistry } from '#provider-kit';
import { type Connection, ConnectionRepository, type RenewalMode, TokenRepository } from '#vault';
import { renewAfterSeconds } from './due-time.js';

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
    const nextRenewalAt =
      token && isRenewable(connection.grant, token)
        ? this.dueAt(connection, renewal)
        : connection.nextRenewalAt;
    await this.connections.setRenewal(tenantId, connection.id, renewal, nextRenewalAt);
  }

  private dueAt(connection: Connection, renewal: RenewalMode): Date | null {
    const {
      credential,
      accessTokenIssuedAt: issuedAt,
      accessTokenExpiresAt,
      refreshTokenExpiresAt,
    } = connection;
    if (!credential || !issuedAt || !accessTokenExpiresAt) return null;
    const secondsUntil = (instant: Date) => (instant.getTime() - issuedAt.getTime()) / 1_000;
    const dueInSeconds = renewAfterSeconds({
      connectionId: connection.id,
      provider: this.registry.get(credential.provider).descriptor,
      renewal,
      accessTokenSeconds: secondsUntil(accessTokenExpiresAt),
      refreshTokenSeconds: refreshTokenExpiresAt && secondsUntil(refreshTokenExpiresAt),
    });
    return dueInSeconds === null ? null : new Date(issuedAt.getTime() + dueInSeconds * 1_000);
  }
}
