import type { FastifyReply } from 'fastify';
import { noStore } from '../http/no-store.js';
import type { Problem } from './problem.js';
import { problems } from './problems.js';

/** RFC 9457 §3. */
export interface ProblemDocument extends Record<string, unknown> {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly request_id: string;
}

export const problemContentType = 'application/problem+json';

/** Seconds, where a problem that passes by itself does not say. */
const defaultRetryAfterSeconds = 2;

/** @param requestId of the request that it answers */
export function problemDocument(problem: Problem, requestId: string): ProblemDocument {
  const { detail, remedy, errors, members } = problem.options;
  return {
    type: `urn:grantkeeper:problem:${problem.code}`,
    title: problems[problem.code].title,
    status: problem.status,
    ...(detail === undefined ? {} : { detail }),
    code: problem.code,
    ...(remedy === undefined ? {} : { remedy }),
    ...(errors === undefined ? {} : { errors }),
    ...members,
    request_id: requestId,
  };
}

/** Never cached; `Retry-After` on every 429 and 503 (RFC 9110 §10.2.3), a challenge on every 401 (§15.5.2). */
export function problemHeaders(problem: Problem): Record<string, string> {
  const headers: Record<string, string> = { ...noStore, ...problem.options.headers };
  const seconds =
    problem.options.retryAfterSeconds ??
    (problem.status === 503 || problem.status === 429 ? defaultRetryAfterSeconds : undefined);
  if (seconds !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil(seconds)));
  if (problem.status === 401) headers['www-authenticate'] = 'Bearer';
  return headers;
}

/** As bytes: to a text the server would add a charset, which JSON media types do not have (RFC 8259 §11). */
export function problemBody(document: unknown): Buffer {
  return Buffer.from(JSON.stringify(document));
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .headers(problemHeaders(problem))
    .header('content-type', problemContentType)
    .send(problemBody(problemDocument(problem, reply.request.id)));
}
