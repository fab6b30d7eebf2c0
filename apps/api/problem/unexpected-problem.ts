import { randomUUID } from 'node:crypto';
import type { Logger } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.js';

/** Logs under an id an error that nobody expected; the problem has that id only. */
export function unexpectedProblem(logger: Logger, error: unknown, request: FastifyRequest): Problem {
  const id = randomUUID();
  const route = `${request.method} ${request.routeOptions.url ?? ''}`;
  logger.error({ msg: 'unexpected error', errorId: id, route, err: error });
  return new Problem('internal', {
    detail: 'Something went wrong here. It is in the log under the id in "instance".',
    members: { instance: `urn:uuid:${id}` },
  });
}
