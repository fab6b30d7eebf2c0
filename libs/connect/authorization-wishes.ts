import { Injectable } from '@nestjs/common';
import { type Connection, ConnectionRepository, type NewAuthorization, VaultError } from '#vault';
import { CredentialOpener } from './credential-opener.js';

/** Authorising a connection for another scope than it has, or by another account. */
@Injectable()
export class AuthorizationWishes {
  constructor(
    private readonly connections: ConnectionRepository,
    private readonly credentials: CredentialOpener,
  ) {}

  /**
   * @param scope null: the one that the connection has
   * @throws VaultError `duplicate` where another connection has the one token there can be of that scope
   */
  async check(
    tenantId: string,
    { id, grant, subject, requestedScope, credential }: Connection,
    scope: string | null,
    allowsAccountChange: boolean,
  ): Promise<NewAuthorization> {
    if (scope === null || scope === requestedScope || !credential) return { allowsAccountChange };
    const key = this.credentials.exclusiveKey(credential, { grant, subject, scope });
    if (key && (await this.connections.isTaken(tenantId, key, id))) throw new VaultError('duplicate');
    const newScope = { requestedScope: scope, exclusiveKey: key?.toString('hex') ?? null };
    return { allowsAccountChange, newScope };
  }
}
