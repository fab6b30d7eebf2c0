import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AccessError, Authenticator, bearerOf, may, TenantGate } from '#access';
import type { Clock } from '#provider-kit';
import { type ServedToken, TokenReader } from '#renewal';
import { CLOCK } from '#vault';
import { minTtlSeconds } from './min-ttl.js';
import { tokenProblem } from './token-problem.js';

export const tokenPath = '/v1/tenants/:tenant/connections/:id/token';

interface TokenRequest {
  Params: { tenant: string; id: string };
}

/**
 * `GET …/token`, the reason this system exists, as a plain Fastify route: with a guard and a controller in between
 * it would answer about a third fewer requests.
 */
@Injectable()
export class TokenRoutes implements OnModuleInit {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly authenticator: Authenticator,
    private readonly gate: TenantGate,
    private readonly reader: TokenReader,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    const server = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    server.get<TokenRequest>(tokenPath, (request, reply) => this.read(request, reply));
  }

  private async read(request: FastifyRequest<TokenRequest>, reply: FastifyReply): Promise<FastifyReply> {
    const { tenant: tenantSlug, id: slug } = request.params;
    const tenantId = await this.admit(request.headers.authorization, tenantSlug, slug);
    const answer = await this.reader.read(tenantId, slug, minTtlSeconds(request.query));
    if (answer.kind !== 'token') throw tokenProblem(answer);
    return reply
      .header('content-type', 'application/json; charset=utf-8')
      .send(JSON.stringify(this.body(answer.token)));
  }

  /**
   * @returns the tenant's row id
   * @throws AccessError; a tenant that is not the caller's is not found, whether it exists or not
   */
  private async admit(authorization: string | undefined, tenantSlug: string, slug: string): Promise<string> {
    const bearer = bearerOf(authorization);
    const principal = bearer === undefined ? undefined : await this.authenticator.authenticate(bearer);
    if (!principal) throw new AccessError('unauthenticated');
    if (principal.tenantId !== null && principal.tenantSlug === tenantSlug) {
      if (!may(principal, 'token.read', tenantSlug, slug)) throw new AccessError('forbidden');
      return principal.tenantId;
    }
    const tenant = await this.gate.enter(principal, tenantSlug);
    if (!tenant) throw new AccessError('not_found');
    return tenant.id;
  }

  private body(token: ServedToken) {
    const remainingSeconds = (token.expiresAtMs - this.clock.monotonicMs()) / 1_000;
    return {
      access_token: token.accessToken,
      token_type: token.tokenType,
      expires_in: Math.max(0, Math.floor(remainingSeconds)),
      expires_at: token.expiresAt,
      scope: token.scope,
      generation: token.generation,
    };
  }
}
