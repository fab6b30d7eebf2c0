import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { bearerOf } from '#access';
import { CLOCK, type Clock } from '#provider-kit';
import { checkPathParameters } from '../http/path-parameters.js';
import { minTtlSeconds } from './min-ttl.js';
import { RecordedTokenReads } from './recorded-token-reads.js';
import { TokenAdmission } from './token-admission.js';
import { contentType, tokenDocuments } from './token-document.js';
import { tokenPath } from './token-path.js';
import { tokenProblem } from './token-problem.js';

interface TokenRequest {
  Params: { tenant: string; id: string };
}

/** `GET …/token` where caller or token must be asked for; a plain Fastify route, for the sake of its speed. */
@Injectable()
export class TokenRoutes implements OnModuleInit {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly admission: TokenAdmission,
    private readonly reads: RecordedTokenReads,
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
    const { tenant: tenantSlug, id: slug } = request.params;
    const minTtl = minTtlSeconds(request.query);
    const bearer = bearerOf(request.headers.authorization);
    const admitted = await this.admission.admit({ bearer, address: request.ip, tenantSlug, slug });
    checkPathParameters(tokenPath, { tenant: tenantSlug, id: slug });
    const answer = await this.reads.read(admitted, slug, minTtl);
    if (answer.kind !== 'token') throw tokenProblem(answer);
    return reply
      .header('content-type', contentType)
      .send(tokenDocuments.of(answer.token, this.clock.monotonicMs()).text);
  }
}
