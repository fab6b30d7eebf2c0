import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AccessError, Authenticator, bearerOf, may, TenantGate } from '#access';
import { CLOCK, type Clock } from '#provider-kit';
import { TokenReader } from '#token-reads';
import { checkPathParameters, checkTenant } from '../http/path-parameters.js';
import { minTtlSeconds } from './min-ttl.js';
import { contentType, tokenDocument } from './token-document.js';
import { tokenProblem } from './token-problem.js';

export const tokenPath = '/v1/tenants/:tenant/connections/:id/token';

interface TokenRequest {
  Params: { tenant: string; id: string };
}

/** `GET …/token` where caller or token must be asked for; a plain Fastify route, for the sake of its speed. */
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
    // A HEAD would read a token, and use a single-use one up, for nobody.
    server.get<TokenRequest>(tokenPath, { exposeHeadRoute: false }, (request, reply) =>
      this.read(request, reply),
    );
  }

  private async read(request: FastifyRequest<TokenRequest>, reply: FastifyReply): Promise<FastifyReply> {
    const { tenant, id } = request.params;
    const minTtl = minTtlSeconds(request.query);
    const tenantId = await this.admit(request, tenant, id);
    const answer = await this.reader.read(tenantId, id, minTtl);
    if (answer.kind !== 'token') throw tokenProblem(answer);
    return reply
      .header('content-type', contentType)
      .send(tokenDocument(answer.token, this.clock.monotonicMs()));
  }

  /**
   * @returns the tenant's row id
   * @throws AccessError or Problem; a tenant that is not the caller's is not found, whether it exists or not
   */
  private async admit(
    { headers, ip }: FastifyRequest<TokenRequest>,
    tenantSlug: string,
    slug: string,
  ): Promise<string> {
    const bearer = bearerOf(headers.authorization);
    const principal = bearer === undefined ? undefined : await this.authenticator.authenticate(bearer, ip);
    if (!principal) throw new AccessError('unauthenticated');
    checkTenant({ tenant: tenantSlug });
    const tenant = await this.gate.enter(principal, tenantSlug);
    if (!tenant) throw new AccessError('not_found');
    if (!may(principal, 'token.read', tenantSlug, slug)) throw new AccessError('forbidden');
    checkPathParameters(tokenPath, { tenant: tenantSlug, id: slug });
    return tenant.id;
  }
}
