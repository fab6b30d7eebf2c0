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

  /** Answers at once where caller and token are in memory; only otherwise is anything awaited. */
  private read(
    request: FastifyRequest<TokenRequest>,
    reply: FastifyReply,
  ): FastifyReply | Promise<FastifyReply> {
    const { tenant, id } = request.params;
    const minTtl = minTtlSeconds(request.query);
    const bearer = bearerOf(request.headers.authorization);
    const principal = bearer === undefined ? undefined : this.authenticator.recall(bearer);
    if (principal?.tenantId && principal.tenantSlug === tenant && may(principal, 'token.read', tenant, id)) {
      const token = this.reader.readCached(principal.tenantId, id, minTtl);
      if (token) return this.answer(reply, token);
    }
    return this.readSlowly(bearer, request.params, minTtl, reply);
  }

  private async readSlowly(
    bearer: string | undefined,
    { tenant, id }: TokenRequest['Params'],
    minTtl: number,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const tenantId = await this.admit(bearer, tenant, id);
    const answer = await this.reader.read(tenantId, id, minTtl);
    if (answer.kind !== 'token') throw tokenProblem(answer);
    return this.answer(reply, answer.token);
  }

  /**
   * @returns the tenant's row id
   * @throws AccessError; a tenant that is not the caller's is not found, whether it exists or not
   */
  private async admit(bearer: string | undefined, tenantSlug: string, slug: string): Promise<string> {
    const principal = bearer === undefined ? undefined : await this.authenticator.authenticate(bearer);
    if (!principal) throw new AccessError('unauthenticated');
    const tenant = await this.gate.enter(principal, tenantSlug);
    if (!tenant) throw new AccessError('not_found');
    if (!may(principal, 'token.read', tenantSlug, slug)) throw new AccessError('forbidden');
    return tenant.id;
  }

  private answer(reply: FastifyReply, token: ServedToken): FastifyReply {
    return reply
      .header('content-type', 'application/json; charset=utf-8')
      .send(JSON.stringify(this.body(token)));
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
