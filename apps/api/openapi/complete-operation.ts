import { problemReference, problemResponse } from './problem-responses.js';
import { requestIdHeader } from './request-id-header.js';
import { type RouteTraits, usualProblems } from './usual-problems.js';

interface Response {
  readonly description?: string;
  readonly headers?: Readonly<Record<string, object>>;
  readonly content?: Readonly<Record<string, object>>;
}

/** Part of an operation of OpenAPI. */
export interface Operation {
  responses: Record<string, Response | { readonly $ref: string }>;
}

/** Adds to the answers that a route names itself those that it shares with others, and the headers of all of them. */
export function completeOperation(operation: Operation, route: RouteTraits): void {
  const named = operation.responses as Record<string, Response>;
  const usual = usualProblems(route).map(String);
  const statuses = [...new Set([...Object.keys(named), ...usual])];
  operation.responses = Object.fromEntries(
    statuses.map((status) => [status, completed(Number(status), named[status], usual, route)]),
  );
}

function completed(
  status: number,
  named: Response | undefined,
  usual: readonly string[],
  route: RouteTraits,
) {
  if (status < 400) return success(status, named ?? {}, route);
  if (!named?.content) return problemReference(status);
  // A page or an OAuth error says it here; where a request cannot be read at all, a problem does.
  if (status >= 500 || !usual.includes(String(status)))
    return { ...named, headers: { ...requestIdHeader, ...named.headers } };
  const problem = problemResponse(status);
  return {
    ...named,
    headers: { ...optional(named.headers ?? {}), ...requestIdHeader },
    content: { ...named.content, ...problem.content },
  };
}

function success(status: number, named: Response, { path, isIdempotent }: RouteTraits): Response {
  return {
    ...named,
    description: named.description || (status === 202 ? 'Somebody must still do something.' : 'Done.'),
    headers: {
      ...requestIdHeader,
      ...(path.startsWith('/v1') ? { 'Cache-Control': noStore } : {}),
      ...(isIdempotent ? { 'Idempotency-Replayed': replayed } : {}),
      ...named.headers,
    },
  };
}

/** Headers that a page or an OAuth error always has, and a problem need not have. */
function optional(headers: Readonly<Record<string, object>>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, header]) => [name, { ...header, required: false }]),
  );
}

const noStore = { required: true, schema: { const: 'no-store' } };
const replayed = {
  description: 'The answer is that of an earlier request under the same Idempotency-Key.',
  schema: { const: 'true' },
};
