import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { CLOCK, type Clock, type DevicePrompt } from '#provider-kit';
import { fromError, type RenewalFailure, startBackchannel } from '#renewal';
import { type Connection, ConnectionRepository, type NewAuthorization, PendingGrantRepository } from '#vault';
import { ConnectService, type WantedConnection } from './connect.service.js';
import { CredentialOpener } from './credential-opener.js';

export type BackchannelStart =
  | {
      readonly kind: 'pending';
      readonly connection: Connection;
      readonly intervalSeconds: number;
      readonly expiresInSeconds: number;
      /** The address and the code to tell the user, where the provider does not tell them itself. */
      readonly prompt?: DevicePrompt;
    }
  | { readonly kind: 'refused'; readonly failure: RenewalFailure };

/**
 * Starts a grant that the user consents to on another device, such as CIBA (OpenID CIBA Core §7). The polls are
 * attempts like any other: the interval is the connection's due time, so one replica polls at a time, and another goes
 * on when it has died.
 */
/** How a request to the user's device differs from the one before. */
interface Again {
  readonly authorization?: NewAuthorization;
  readonly loginHint?: string | null;
}

@Injectable()
export class BackchannelService {
  constructor(
    private readonly connecting: ConnectService,
    private readonly connections: ConnectionRepository,
    private readonly pendingGrants: PendingGrantRepository,
    private readonly credentials: CredentialOpener,
    @Inject(CLOCK) private readonly clock: Clock,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  /**
   * When the provider refuses, nothing is left behind.
   * @param loginHint sent with the first request, where it is not the subject that is kept
   * @throws VaultError `duplicate`
   */
  async start(
    tenantId: string,
    wanted: WantedConnection,
    loginHint = wanted.subject,
  ): Promise<BackchannelStart> {
    const connection = await this.connecting.add(tenantId, wanted);
    const started = await this.restart(tenantId, connection, { loginHint });
    if (started.kind === 'refused') await this.connections.remove(tenantId, connection.id);
    return started;
  }

  /** The same for a connection that exists: it keeps its id and history. */
  async restart(
    tenantId: string,
    connection: Connection,
    { authorization = {}, loginHint = connection.subject }: Again = {},
  ): Promise<BackchannelStart> {
    const { id: connectionId, credential, grant, requestedScope } = connection;
    if (!credential) throw new Error('The connection was read without its credential.');
    const { provider, ask } = await this.credentials.open(credential);
    const started = await startBackchannel(
      this.pendingGrants,
      { tenantId, connectionId, grant, subject: loginHint, requestedScope, authorization },
      provider,
      (send) => ask(send).catch(fromError),
      this.clock.monotonicMs() + this.settings.upstreamTimeoutMs,
    );
    if ('remedy' in started) return { kind: 'refused', failure: started };
    return { kind: 'pending', connection, ...started };
  }
}
