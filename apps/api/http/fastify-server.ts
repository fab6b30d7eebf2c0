import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { requestIdOf } from '#observability';
import { Problem } from '../problem/problem.js';
import { sendProblem } from '../problem/problem-document.js';
import { toProblem } from '../problem/to-problem.js';
import { askFirst, type Shortcut } from '../token/fast-path/shortcut.js';
import { withoutForwardedPath } from '../token/forward-auth/forward-auth.url.js';
import { logAnswer } from './access-log.js';
import { answerClientError } from './client-error.js';
import { closeUnusedWhileDraining } from './drain.js';
import { ignoreExpectations } from './expectations.js';
import { followRequests } from './follow-requests.js';
import { parseJsonBody } from './json-body.js';
import { noStore } from './no-store.js';
import type { RouteTable } from './route-table.js';
import { docsHeaders } from './security-headers.js';

/** Of any request body, bytes. */
const bodyLimit = 64 * 1024;
/** Of one part of a path, characters. */
const maxParamLength = 1_000;
/** A request must have arrived by then, milliseconds. */
const mostRequestMs = 30_000;
/** How often Node looks for requests that have not, milliseconds; its own default would let them double their time. */
const lookEveryMs = 1_000;

/** Parts of the application, which is made after its server. */
export interface AskedFromOutside {
  readonly shortcut: Shortcut;
  /** Whether an address may say for whom it asks. */
  readonly isTrustedProxy: (address: string) => boolean;
  /** Finds out who is calling, before a body is read. @throws what becomes a problem */
  readonly authenticate: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
  readonly writesAccessLog: () => boolean;
  readonly headersOfEveryAnswer: () => Readonly<Record<string, string>>;
}

/**
 * The HTTP server under Nest: size limits, JSON and nothing else, and a list of its routes. While it drains it serves
 * what still comes on open connections, and closes them after the answer.
 */
export function fastifyServer(
  routes: RouteTable,
  asked: AskedFromOutside,
  requestTimeoutMs = mostRequestMs,
): FastifyInstance {
  const server = fastify({
    bodyLimit,
    requestTimeout: requestTimeoutMs,
    http: {
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: lookEveryMs,
    },
    return503OnClosing: false,
    rewriteUrl: ({ url = '/' }) => withoutForwardedPath(url),
    trustProxy: asked.isTrustedProxy,
    clientErrorHandler: (error, socket) => answerClientError(error, socket, asked.headersOfEveryAnswer()),
    routerOptions: { maxParamLength },
    genReqId: ({ headers }) => requestIdOf(headers['x-request-id']),
    frameworkErrors: (error, request, reply) => {
      reply.headers(asked.headersOfEveryAnswer()).header('x-request-id', request.id);
      if (asked.writesAccessLog()) reply.raw.once('close', () => logAnswer(request, reply));
      sendProblem(reply, toProblem(error) ?? new Problem('invalid_request'));
    },
  });
  askFirst(asked.shortcut, server.server);
  closeUnusedWhileDraining(server);
  ignoreExpectations(server.server);
  server.addHook('onRoute', (route) => routes.add(route));
  followRequests(server, asked.writesAccessLog);
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(asked.headersOfEveryAnswer());
    if (request.url.startsWith('/v1')) reply.headers(noStore);
    if (request.url.startsWith('/docs')) reply.headers(docsHeaders);
    const { needsCaller } = request.routeOptions.config as { readonly needsCaller?: true };
    if (needsCaller) await asked.authenticate(request, reply);
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, parseJsonBody);
  return server;
}
