import type { FastifyInstance, FastifyRequest } from 'fastify';
import { duringRequest, type RequestContext, type RequestSpan, requestSpan } from '#observability';
import { logAnswer, statusOf } from './access-log.js';

/** Asked by machines every few seconds: they would be most of all traces, and say nothing. */
const untraced = new Set(['/livez', '/readyz', '/metrics']);

/**
 * Sends the id of each request back, has every log line about it carry it, writes the access log, and gives the request
 * its span.
 */
export function followRequests(server: FastifyInstance, writesAccessLog: () => boolean): void {
  const contexts = new WeakMap<FastifyRequest, RequestContext>();
  const spans = new WeakMap<FastifyRequest, RequestSpan>();
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    const context = { id: request.id };
    contexts.set(request, context);
    const { url: route } = request.routeOptions;
    const span = route !== undefined && untraced.has(route) ? undefined : requestSpan(request.headers);
    if (!span) {
      duringRequest(context, done);
      return;
    }
    spans.set(request, span);
    duringRequest(context, () => span.during(done));
  });
  server.addHook('onResponse', (request, reply, done) => {
    if (writesAccessLog()) logAnswer(request, reply, contexts.get(request)?.caller);
    const { url: route } = request.routeOptions;
    spans.get(request)?.end(
      {
        'http.request.method': request.method,
        ...(route === undefined ? {} : { 'http.route': route }),
        'grantkeeper.request_id': request.id,
      },
      statusOf(reply),
    );
    done();
  });
}
