import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { CLOCK, type Clock, type FailureCode } from '#provider-kit';
import { fromError } from '#renewal';
import { type Connection, ConnectionRepository, TokenRepository } from '#vault';
import { CredentialOpener } from './credential-opener.js';

/** Why the provider may still honour the grant of a connection that is gone. */
interface RevocationFailure {
  readonly code: FailureCode;
}

export interface Disconnection {
  /** False when there is no such connection any more. */
  readonly removed: boolean;
  readonly revocationFailure?: RevocationFailure;
}

const remedy =
  'The grant may still live at the provider, which did not revoke it. End it there, in its dashboard or by its user.';

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

  /** A provider that cannot be reached must not keep a tenant from forgetting: the failure is told, and that is all. */
  async disconnect(tenantId: string, connection: Connection): Promise<Disconnection> {
    const failure = await this.revoke(tenantId, connection).catch(failureOf);
    const removed = await this.connections.remove(tenantId, connection.id, failure && { ...failure, remedy });
    return { removed, ...(failure ? { revocationFailure: failure } : {}) };
  }

  private async revoke(tenantId: string, { slug, credential }: Connection): Promise<undefined> {
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

function failureOf(error: unknown): RevocationFailure {
  try {
    return { code: fromError(error).code };
  } catch {
    return { code: 'internal_error' };
  }
}
