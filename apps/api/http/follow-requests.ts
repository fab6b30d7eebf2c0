import type { FastifyInstance } from 'fastify';
import { duringRequest } from '#observability';

/** Sends the id of each request back, and has every log line about it carry it. */
export function followRequests(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    duringRequest(request.id, done);
  });
}
