import { Inject, Injectable } from '@nestjs/common';
import { may, type Principal, TenantGate } from '#access';
import { CLOCK, type Clock } from '#provider-kit';
import type { ServedToken } from '#token-reads';
import { ConnectionRepository } from '#vault';
import { minTtlOf } from '../min-ttl.js';
import { RecordedTokenReads } from '../recorded-token-reads.js';
import { clientAuthentication } from './client-authentication.js';
import { grantTypes } from './grant-types.js';
import { invalidClient, OAuthError, unknownTarget } from './oauth-error.js';
import { accessTokenType, invalidSubject, subjectToken } from './subject-token.js';
import { TokenClients } from './token-clients.js';
import type { TokenForm } from './token-form.js';
import { tokenRefusal, tokenResponse, tokenResponses } from './token-response.js';
import { type TokenTarget, tokenTarget } from './token-target.js';

export interface TokenRequest {
  readonly authorization: string | undefined;
  readonly form: TokenForm;
  /** Of the endpoint of one connection. */
  readonly path: TokenTarget | undefined;
  readonly origins: readonly string[];
  /** Of the caller. */
  readonly address: string;
}

/** The token endpoint (RFC 6749 §3.2): the same reads as `GET …/token`, in the words of OAuth. */
@Injectable()
export class TokenEndpoint {
  constructor(
    private readonly clients: TokenClients,
    private readonly gate: TenantGate,
    private readonly reads: RecordedTokenReads,
    private readonly connections: ConnectionRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @returns the body of the answer
   * @throws OAuthError
   */
  async answer(request: TokenRequest): Promise<string> {
    const grantType = request.form.get('grant_type');
    if (grantType === undefined) throw new OAuthError('invalid_request', 'grant_type is missing.');
    switch (grantTypes.get(grantType)) {
      case 'client':
        return this.forClient(request);
      case 'subject':
        return this.forSubject(request);
      default:
        throw new OAuthError(
          'unsupported_grant_type',
          `The grant_type is one of ${[...grantTypes.keys()].join(', ')}.`,
        );
    }
  }

  /** A key says which tenant it is of, and maybe which connection; of a JWT the target says which tenant is meant. */
  private async forClient(request: TokenRequest): Promise<string> {
    const client = clientAuthentication(request.authorization, request.form);
    if (!client) throw invalidClient();
    const key = client.kind === 'secret' ? await this.clients.byKey(client, request.address) : undefined;
    if (key) assertReader(key);
    const target = tokenTarget(request.form, { ...request, principal: key });
    const principal =
      client.kind === 'secret' ? key : await this.clients.byAssertion(client, target.tenant, request.address);
    if (!principal) throw invalidClient();
    const token = await this.token(principal, target, request.form);
    return tokenResponses.of(token, this.clock.monotonicMs()).text;
  }

  /** RFC 8693: the subject's rights decide; a client that authenticates as well must be a right one. */
  private async forSubject(request: TokenRequest): Promise<string> {
    const jwt = subjectToken(request.form);
    const client = clientAuthentication(request.authorization, request.form);
    if (client?.kind === 'secret') await this.clients.byKey(client, request.address);
    const target = tokenTarget(request.form, { ...request, principal: undefined });
    if (client?.kind === 'assertion') await this.clients.byAssertion(client, target.tenant, request.address);
    const principal = await this.clients.bySubject(jwt, target.tenant, request.address);
    if (!principal) throw invalidSubject();
    const token = await this.token(principal, target, request.form);
    return tokenResponse(token, this.clock.monotonicMs(), { issued_token_type: accessTokenType });
  }

  private async token(
    principal: Principal,
    { tenant, connection }: TokenTarget,
    form: TokenForm,
  ): Promise<ServedToken> {
    assertReader(principal);
    const minTtlSeconds = minTtlOf(form.get('min_ttl'));
    const entered = await this.gate.enter(principal, tenant);
    if (!entered || !may(principal, 'token.read', tenant, connection)) throw unknownTarget();
    const scope = form.get('scope');
    if (scope !== undefined) await this.assertScope(entered.id, connection, scope);
    const answer = await this.reads.read({ principal, tenant: entered }, connection, minTtlSeconds);
    if (answer.kind !== 'token') throw tokenRefusal(answer);
    return answer.token;
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

function assertReader(principal: Principal): void {
  if (!may(principal, 'token.read', principal.tenantSlug)) {
    throw new OAuthError('unauthorized_client', 'A client of this role reads no tokens.');
  }
}
