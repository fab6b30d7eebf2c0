import type { FastifyReply, FastifyRequest } from 'fastify';
import { log } from '#observability';

export interface AnsweredRequest {
  readonly method: string;
  /** The pattern of its path; null for a path that no route has. An address may hold what was meant to be secret. */
  readonly route: string | null;
  /** Null where the caller went away before the answer. */
  readonly status: number | null;
  readonly ms: number;
  readonly request_id: string;
  /** Id of the key, or workload; null where nobody was recognised. */
  readonly caller: string | null;
}

/** One line of the access log, which is off unless `GRANTKEEPER_ACCESS_LOG` is on. */
export function logAccess({ ms, ...request }: AnsweredRequest): void {
  log.info({ ...request, ms: Math.round(ms * 1_000) / 1_000 }, 'request answered');
}

export function logAnswer(request: FastifyRequest, reply: FastifyReply, caller?: string): void {
  logAccess({
    method: request.method,
    route: request.routeOptions.url ?? null,
    status: statusOf(reply),
    ms: reply.elapsedTime,
    request_id: request.id,
    caller: caller ?? null,
  });
}

/** Null where the caller went away before the answer. */
export function statusOf(reply: FastifyReply): number | null {
  return reply.raw.headersSent ? reply.statusCode : null;
}
