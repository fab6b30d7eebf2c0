import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { CLOCK, type Clock } from '#provider-kit';
import { type Connection, ConnectionRepository, TokenRepository } from '#vault';
import { CredentialOpener } from './opened-credential.js';

/** Ends a connection: at the provider where it can be ended there, and here in any case. */
@Injectable()
export class DisconnectService {
  constructor(
    private readonly connections: ConnectionRepository,
    private readonly tokens: TokenRepository,
    private readonly credentials: CredentialOpener,
    @Inject(CLOCK) private readonly clock: Clock,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  /** @returns false when there is no such connection any more */
  async disconnect(tenantId: string, connection: Connection): Promise<boolean> {
    // A provider that cannot be reached must not keep a tenant from forgetting.
    await this.revoke(tenantId, connection).catch(() => undefined);
    return this.connections.remove(tenantId, connection.id);
  }

  private async revoke(tenantId: string, { slug, credential }: Connection): Promise<void> {
    if (!credential) return;
    const { provider, ask } = await this.credentials.open(credential);
    if (!provider.revoke) return;
    const token = (await this.tokens.read(tenantId, slug))?.token;
    if (!token) return;
    const call = { deadlineMonotonicMs: this.clock.monotonicMs() + this.settings.upstreamTimeoutMs };
    const { refreshToken, accessToken } = token;
    await ask(async (client) =>
      refreshToken
        ? provider.revoke?.(client, refreshToken, 'refresh_token', call)
        : provider.revoke?.(client, accessToken, 'access_token', call),
    );
  }
}
