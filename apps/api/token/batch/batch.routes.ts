import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AccessError, bearerOf, may } from '#access';
import { CLOCK, type Clock } from '#provider-kit';
import { isSlug } from '../../http/common.schemas.js';
import type { Problem } from '../../problem/problem.js';
import { problemDocument, problemHeaders } from '../../problem/problem-document.js';
import { notFound, toProblem } from '../../problem/to-problem.js';
import { unexpectedProblem } from '../../problem/unexpected-problem.js';
import { validationProblem } from '../../problem/validation-problem.js';
import { RecordedTokenReads } from '../recorded-token-reads.js';
import { type Admitted, TokenAdmission } from '../token-admission.js';
import { contentType, tokenMembers } from '../token-document.js';
import { tokenProblem } from '../token-problem.js';
import { batchBody } from './batch.schemas.js';
import { inTurns } from './in-turns.js';

export const batchPath = '/v1/tenants/:tenant/tokens';

/** Reads of one batch under way at once: others need the database too. */
const concurrency = 5;

type BatchRequest = FastifyRequest<{ Params: { tenant: string }; Body: unknown }>;

/** `POST …/tokens`: as many reads as connections are named, each with its own answer. It changes nothing. */
@Injectable()
export class BatchRoutes implements OnModuleInit {
  private readonly logger = new Logger('api');
  private readonly admitted = new WeakMap<BatchRequest, Admitted>();

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly admission: TokenAdmission,
    private readonly reads: RecordedTokenReads,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    const server = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    server.post(
      batchPath,
      // Before a body is read.
      { onRequest: (request: BatchRequest) => this.admit(request) },
      (request: BatchRequest, reply) => this.answer(request, reply),
    );
  }

  private async admit(request: BatchRequest): Promise<void> {
    const bearer = bearerOf(request.headers.authorization);
    const { tenant: tenantSlug } = request.params;
    this.admitted.set(request, await this.admission.admit({ bearer, address: request.ip, tenantSlug }));
  }

  private async answer(request: BatchRequest, reply: FastifyReply): Promise<FastifyReply> {
    const admitted = this.admitted.get(request);
    if (!admitted) throw new AccessError('unauthenticated');
    const body = batchBody.safeParse(request.body);
    if (!body.success) throw validationProblem(body.error.issues);
    const { connections, min_ttl } = body.data;
    const items = await inTurns(concurrency, connections, async (connection) => ({
      connection,
      ...(await this.read(admitted, connection, min_ttl).catch((error: unknown) => ({
        error: problemItem(toProblem(error) ?? unexpectedProblem(this.logger, error, request), request.id),
      }))),
    }));
    return reply.header('content-type', contentType).send(JSON.stringify({ items }));
  }

  private async read(admitted: Admitted, slug: string, minTtlSeconds: number) {
    const { principal, tenant } = admitted;
    if (!may(principal, 'token.read', tenant.slug, slug)) throw new AccessError('forbidden');
    if (!isSlug(slug)) throw notFound();
    const answer = await this.reads.read(admitted, slug, minTtlSeconds);
    if (answer.kind !== 'token') throw tokenProblem(answer);
    return tokenMembers(answer.token, this.clock.monotonicMs());
  }
}

/** An item says in `retry_after` what an answer of its own would say in `Retry-After`. */
function problemItem(problem: Problem, requestId: string) {
  const { 'retry-after': seconds } = problemHeaders(problem);
  return {
    ...problemDocument(problem, requestId),
    ...(seconds === undefined ? {} : { retry_after: Number(seconds) }),
  };
}
