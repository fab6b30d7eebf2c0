import { randomUUID } from 'node:crypto';
import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RouteTable } from '../http/route-table.js';
import { Problem } from './problem.js';
import { sendProblem } from './problem-document.js';
import { notFound, toProblem } from './to-problem.js';

/** The one place where errors become answers. What nobody expected is logged under an id, and answered with that id only. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('api');

  constructor(private readonly routes: RouteTable) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (reply.sent) return;
    sendProblem(
      reply,
      request.is404 ? this.unrouted(request) : (toProblem(error) ?? this.unexpected(error, request)),
    );
  }

  private unrouted(request: FastifyRequest): Problem {
    const methods = this.routes.methodsOf(request.url);
    if (methods.length === 0) return notFound();
    return new Problem('method_not_allowed', {
      detail: `This path answers ${methods.join(', ')}.`,
      headers: { allow: methods.join(', ') },
    });
  }

  private unexpected(error: unknown, request: FastifyRequest): Problem {
    const id = randomUUID();
    const route = `${request.method} ${request.routeOptions.url ?? ''}`;
    this.logger.error({ msg: 'unexpected error', errorId: id, route, err: error });
    return new Problem('internal', {
      detail: 'Something went wrong here. It is in the log under the id in "instance".',
      members: { instance: `urn:uuid:${id}` },
    });
  }
}
