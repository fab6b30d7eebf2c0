import type { FastifyInstance, FastifyRequest } from 'fastify';
import { duringRequest, type RequestContext } from '#observability';
import { logAnswer } from './access-log.js';

/** Sends the id of each request back, has every log line about it carry it, and writes the access log. */
export function followRequests(server: FastifyInstance, writesAccessLog: () => boolean): void {
  const contexts = new WeakMap<FastifyRequest, RequestContext>();
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    const context = { id: request.id };
    contexts.set(request, context);
    duringRequest(context, done);
  });
  server.addHook('onResponse', (request, reply, done) => {
    if (writesAccessLog()) logAnswer(request, reply, contexts.get(request)?.caller);
    done();
  });
}
