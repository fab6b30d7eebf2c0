import { Injectable } from '@nestjs/common';
import { failureCodes } from '#provider-kit';
import { Renewer } from '#renewal';
import {
  AuthorizationRepository,
  type Connection,
  ConnectionRepository,
  PendingGrantRepository,
  type SessionSecrets,
} from '#vault';
import { type ConnectResult, connectResult, isKept } from './connect-result.js';
import { digestOf } from './one-time-secret.js';

/** Seconds of a code's life kept in reserve when it is sent; where nothing was sent, the worker tries again within them. */
const codeSeconds = 60;

export type Confirmation = ConnectResult | { readonly kind: 'wrong' | 'repeated' | 'too_late' };

/** Exchanges an authorization code. Like every one-time credential it is stored first, then sent by `renew()`. */
@Injectable()
export class CodeExchange {
  constructor(
    private readonly sessions: AuthorizationRepository,
    private readonly connections: ConnectionRepository,
    private readonly pendingGrants: PendingGrantRepository,
    private readonly renewer: Renewer,
  ) {}

  async exchange(
    tenantId: string,
    { id, generation }: Connection,
    { redirectUri, codeVerifier, code = '', authorization }: SessionSecrets,
  ): Promise<ConnectResult> {
    await this.pendingGrants.put(tenantId, id, {
      contents: {
        grant: { type: 'authorization_code', code, redirectUri, codeVerifier },
        ...(authorization === undefined ? {} : { authorization }),
      },
      intervalSeconds: null,
      expiresInSeconds: codeSeconds,
      dueInSeconds: 1,
    });
    const { result, connection } = await this.renew(tenantId, id, generation);
    return connectResult(result, connection);
  }

  /** Until the code has been sent: the end of another renewal, which was under way or woke up late, is not the answer. */
  private async renew(tenantId: string, connectionId: string, before: number) {
    for (let generation = before; ; ) {
      const result = await this.renewer.renew({ tenantId, connectionId, generation }, { announce: true });
      const connection = await this.connections.findById(tenantId, connectionId);
      const failure = 'failure' in result ? result.failure : undefined;
      const hasMoved = connection !== null && connection.generation > generation;
      const isOfAnother = hasMoved || failure?.class === 'terminal';
      if (!connection || !isOfAnother || !(await this.pendingGrants.waits(tenantId, connectionId)))
        return { result, connection: (hasMoved && !failure) || isKept(result) ? connection : null };
      generation = connection.generation;
    }
  }

  /** The application that asked for the connection confirms that the right person authorised it: only now is the code sent. */
  async confirm(tenantId: string, connection: Connection, confirmationCode: string): Promise<Confirmation> {
    const secrets = await this.sessions.confirm(tenantId, connection.id, digestOf(confirmationCode));
    if (secrets === 'too_late') {
      const { remedy } = failureCodes.confirmation_expired;
      await this.connections.noteUnauthorized(tenantId, connection.id, {
        code: 'confirmation_expired',
        remedy,
      });
    }
    if (typeof secrets === 'string') return { kind: secrets };
    return this.exchange(tenantId, connection, secrets);
  }
}
