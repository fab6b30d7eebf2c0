import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  Logger,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lastValueFrom, type Observable, of } from 'rxjs';
import { IdempotencyRepository } from '#vault';
import { Problem } from '../problem/problem.js';
import { problemBody, problemContentType, problemDocument } from '../problem/problem-document.js';
import { toProblem } from '../problem/to-problem.js';
import { ReplayWithout } from './replay-without.js';
import { requestIdentity } from './request-identity.js';

const mutations = new Set(['POST', 'PATCH', 'PUT', 'DELETE']);

/** Not the request's fault, or true for a moment only: such an answer is not kept, and the caller may try again. */
const passing = (status: number): boolean => status >= 500 || status === 429;

/**
 * `Idempotency-Key`: the first request under a key runs, the same again gets the same answer for 24 h, and anything
 * else under it is a conflict.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  private readonly logger = new Logger('idempotency');

  constructor(
    private readonly keys: IdempotencyRepository,
    private readonly reflector: Reflector,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const identity = mutations.has(request.method) ? requestIdentity(request) : undefined;
    if (!identity) return next.handle();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const answer = await this.keys.begin(identity);
    if (answer.kind === 'conflict') throw conflict();
    if (answer.kind === 'replay') {
      reply.code(answer.status).header('idempotency-replayed', 'true');
      if (answer.status < 400) return of(answer.body ?? undefined);
      reply.header('content-type', problemContentType);
      return of(problemBody(answer.body));
    }
    const { id } = answer;
    const keep = (status: number, body: unknown) => this.keep(identity.tenantId, id, status, body);
    try {
      const body: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
      const secretField = this.reflector.get(ReplayWithout, context.getHandler());
      await keep(reply.statusCode, secretField === undefined ? body : without(body, secretField));
      return of(body);
    } catch (error) {
      const problem = toProblem(error);
      await keep(problem?.status ?? 500, problem && problemDocument(problem, request.id));
      throw error;
    }
  }

  /** The request has had its effect: when its answer cannot be kept, it is given all the same. */
  private async keep(tenantId: string | null, id: string, status: number, body: unknown): Promise<void> {
    try {
      if (passing(status)) await this.keys.release(tenantId, id);
      else await this.keys.finish(tenantId, id, status, body);
    } catch (error) {
      this.logger.error({ msg: 'the answer to an idempotent request could not be kept', err: error });
    }
  }
}

function conflict(): Problem {
  return new Problem('conflict', {
    detail: 'This Idempotency-Key was used for another request, or the first one is still under way.',
    remedy: 'Wait and send the same request again, or use a new key for a new request.',
  });
}

function without(body: unknown, field: string): unknown {
  const { [field]: _, ...rest } = { ...(body as Record<string, unknown>) };
  return rest;
}
