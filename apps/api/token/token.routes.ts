import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  AccessError,
  Authenticator,
  bearerOf,
  isJwt,
  may,
  type Principal,
  RefusalLog,
  TenantGate,
  TokenReadLog,
  WorkloadTokens,
} from '#access';
import { countTokenRead } from '#observability';
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
    private readonly workloads: WorkloadTokens,
    private readonly gate: TenantGate,
    private readonly reader: TokenReader,
    private readonly reads: TokenReadLog,
    private readonly refusals: RefusalLog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    const server = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    server.get<TokenRequest>(tokenPath, (request, reply) => this.read(request, reply));
  }

  private async read(request: FastifyRequest<TokenRequest>, reply: FastifyReply): Promise<FastifyReply> {
    const beganAtMs = performance.now();
    const { tenant, id } = request.params;
    const minTtl = minTtlSeconds(request.query);
    const { tenantId, callerId } = await this.admit(bearerOf(request.headers.authorization), tenant, id);
    const answer = await this.reader.read(tenantId, id, minTtl);
    countTokenRead(answer.kind === 'token' ? 'served' : answer.kind, beganAtMs);
    if (answer.kind !== 'token') throw tokenProblem(answer);
    const read = { tenantId, tenantSlug: tenant, callerId, connection: id };
    if (answer.token.auditedStrictly) await this.reads.commit(read);
    else this.reads.note(read);
    return reply
      .header('content-type', contentType)
      .send(tokenDocument(answer.token, this.clock.monotonicMs()));
  }

  /**
   * @throws AccessError or Problem; a tenant that is not the caller's is not found, whether it exists or not
   */
  private async admit(
    bearer: string | undefined,
    tenantSlug: string,
    slug: string,
  ): Promise<{ tenantId: string; callerId: string }> {
    const principal = bearer === undefined ? undefined : await this.authenticate(bearer, tenantSlug);
    if (!principal) {
      this.refusals.noteUnauthenticated(bearer);
      throw new AccessError('unauthenticated');
    }
    checkTenant({ tenant: tenantSlug });
    const tenant = await this.gate.enter(principal, tenantSlug);
    if (!tenant) throw this.refused(principal, 'not_found');
    if (!may(principal, 'token.read', tenantSlug, slug)) throw this.refused(principal, 'forbidden');
    checkPathParameters(tokenPath, { tenant: tenantSlug, id: slug });
    return { tenantId: tenant.id, callerId: principal.callerId };
  }

  private refused(principal: Principal, code: 'not_found' | 'forbidden'): AccessError {
    this.refusals.noteRefused(principal, code);
    return new AccessError(code);
  }

  private authenticate(bearer: string, tenantSlug: string): Promise<Principal | undefined> {
    if (isJwt(bearer)) return this.workloads.authenticate(bearer, tenantSlug);
    return this.authenticator.authenticate(bearer);
  }
}
