import { Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import type { GrantType } from '#provider-kit';
import { Renewer } from '#renewal';
import {
  type Connection,
  ConnectionRepository,
  type Credential,
  type Labels,
  type PendingGrantContents,
  type RenewalMode,
} from '#vault';
import { type ConnectResult, connectResult, isKept } from './connect-result.js';
import { CredentialOpener } from './credential-opener.js';

/** A connection as an admin asks for it. */
export interface WantedConnection {
  readonly slug: string;
  readonly credential: Credential;
  readonly grant: GrantType;
  readonly subject: string | null;
  readonly requestedScope: string | null;
  readonly renewal: RenewalMode;
  readonly labels?: Labels;
}

/** Gets a connection its first tokens, through the same lease and attempt as every later renewal. */
@Injectable()
export class ConnectService {
  constructor(
    private readonly connections: ConnectionRepository,
    private readonly credentials: CredentialOpener,
    private readonly renewer: Renewer,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  /**
   * For grants that need nobody's consent. When the provider does not grant it, nothing is left behind; when this
   * process dies halfway, the worker finishes it.
   * @param pendingGrant the password, or the imported refresh token
   * @throws VaultError `duplicate`
   */
  async connect(
    tenantId: string,
    wanted: WantedConnection,
    pendingGrant: PendingGrantContents | null = null,
  ): Promise<ConnectResult> {
    const takeOverSeconds = this.settings.upstreamTimeoutMs / 1_000 + 10;
    const { id, slug } = await this.add(tenantId, wanted, pendingGrant, takeOverSeconds);
    const result = await this.renewer.renew({ tenantId, connectionId: id, generation: 0 });
    const stays = result.kind === 'renewed' || isKept(result);
    const connection = stays ? await this.connections.find(tenantId, slug) : null;
    if (!connection) await this.connections.remove(tenantId, id);
    return connectResult(result, connection);
  }

  /**
   * Adds a connection that is still to be authorised.
   * @throws VaultError `duplicate`
   */
  add(
    tenantId: string,
    { credential, ...wanted }: WantedConnection,
    pendingGrant: PendingGrantContents | null = null,
    takeOverSeconds: number | null = null,
  ): Promise<Connection> {
    const { grant, subject, requestedScope: scope } = wanted;
    const user = pendingGrant && 'username' in pendingGrant.grant ? pendingGrant.grant.username : subject;
    return this.connections.create(tenantId, {
      ...wanted,
      subject: user,
      credentialId: credential.id,
      exclusiveKey: this.credentials.exclusiveKey(credential, { grant, subject: user, scope }),
      pending: pendingGrant && {
        contents: pendingGrant,
        intervalSeconds: null,
        expiresInSeconds: null,
        dueInSeconds: takeOverSeconds,
      },
      takeOverSeconds,
    });
  }
}
