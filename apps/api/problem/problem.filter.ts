import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RouteTable } from '../http/route-table.js';
import { Problem } from './problem.js';
import { sendProblem } from './problem-document.js';
import { notFound, toProblem } from './to-problem.js';
import { unexpectedProblem } from './unexpected-problem.js';

/** The one place where errors become answers. Logs an unexpected error under an id, and answers with that id only. */
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
      request.is404
        ? this.unrouted(request)
        : (toProblem(error) ?? unexpectedProblem(this.logger, error, request)),
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
}
