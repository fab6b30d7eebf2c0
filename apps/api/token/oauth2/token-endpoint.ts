import { Inject, Injectable } from '@nestjs/common';
import { Authenticator, may, type Principal, TenantGate } from '#access';
import { CLOCK, type Clock } from '#provider-kit';
import { type ServedToken, TokenReader } from '#token-reads';
import { ConnectionRepository } from '#vault';
import { minTtlOf } from '../min-ttl.js';
import { clientSecretPair } from './client-authentication.js';
import { invalidClient, OAuthError, unknownTarget } from './oauth-error.js';
import type { TokenForm } from './token-form.js';
import { tokenRefusal, tokenResponse } from './token-response.js';
import { type TokenTarget, tokenTarget } from './token-target.js';

/** Those that a client may send here. */
export const grantTypes: readonly string[] = ['client_credentials'];

export interface TokenRequest {
  readonly authorization: string | undefined;
  readonly form: TokenForm;
  /** Of the endpoint of one connection. */
  readonly path: TokenTarget | undefined;
  readonly origins: readonly string[];
}

/** The token endpoint (RFC 6749 §3.2): the same reads as `GET …/token`, in the words of OAuth. */
@Injectable()
export class TokenEndpoint {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly gate: TenantGate,
    private readonly reader: TokenReader,
    private readonly connections: ConnectionRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @returns the body of the answer
   * @throws OAuthError
   */
  async answer(request: TokenRequest): Promise<string> {
    const principal = await this.client(request);
    const grantType = request.form.get('grant_type');
    if (grantType === undefined) throw new OAuthError('invalid_request', 'grant_type is missing.');
    if (!grantTypes.includes(grantType)) {
      throw new OAuthError('unsupported_grant_type', `The grant_type is ${grantTypes.join(' or ')}.`);
    }
    return tokenResponse(await this.token(principal, request), this.clock.monotonicMs());
  }

  private async client({ authorization, form }: TokenRequest): Promise<Principal> {
    const { clientId, clientSecret } = clientSecretPair(authorization, form);
    const principal = await this.authenticator.authenticate(clientSecret);
    if (principal?.callerId !== clientId) throw invalidClient();
    return principal;
  }

  private async token(principal: Principal, { form, path, origins }: TokenRequest): Promise<ServedToken> {
    if (!may(principal, 'token.read', principal.tenantSlug)) {
      throw new OAuthError('unauthorized_client', 'A key of this role reads no tokens.');
    }
    const minTtlSeconds = minTtlOf(form.get('min_ttl'));
    const target = tokenTarget(form, { path, principal, origins });
    const tenantId = await this.admit(principal, target);
    const scope = form.get('scope');
    if (scope !== undefined) await this.assertScope(tenantId, target.connection, scope);
    const answer = await this.reader.read(tenantId, target.connection, minTtlSeconds);
    if (answer.kind !== 'token') throw tokenRefusal(answer);
    return answer.token;
  }

  /** @returns the tenant's row id */
  private async admit(principal: Principal, { tenant, connection }: TokenTarget): Promise<string> {
    const entered = await this.gate.enter(principal, tenant);
    if (!entered || !may(principal, 'token.read', tenant, connection)) throw unknownTarget();
    return entered.id;
  }

  /** Before anything is read: a token that is not wanted is neither renewed nor, if it is for one use, taken. */
  private async assertScope(tenantId: string, slug: string, scope: string): Promise<void> {
    const connection = await this.connections.find(tenantId, slug);
    if (!connection) throw unknownTarget();
    const granted = new Set((connection.scope ?? connection.requestedScope ?? '').split(' '));
    if (scope.split(' ').some((word) => !granted.has(word))) {
      throw new OAuthError('invalid_scope', 'The connection does not have all of this scope.');
    }
  }
}
