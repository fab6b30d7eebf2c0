import type { FastifyInstance } from 'fastify';
import type { Issuer } from '../issuers/issuer.js';
import type { RequestHandler } from './request-handler.js';

/** Bounds what the request log can hold; a token request is a hundredth of it. */
const MAX_BODY_BYTES = 128 * 1024;

/**
 * Registers the providers' endpoints in a Fastify scope of their own, where every body stays the bytes that
 * came in: the JSON and form parsers of the rest of the application would lose the exact text.
 */
export function providerRoutes(issuers: readonly Issuer[], handler: RequestHandler) {
  return async (scope: FastifyInstance): Promise<void> => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    for (const issuer of issuers) {
      for (const route of issuer.routes) {
        scope.route({
          method: route.method,
          url: route.path,
          bodyLimit: MAX_BODY_BYTES,
          exposeHeadRoute: false,
          handler: (request, reply) => handler.run({ issuer, route }, request, reply),
        });
      }
    }
    // A client that gets a path wrong should be seen in the request log, too.
    scope.all('/*', (request, reply) => handler.run(undefined, request, reply));
    scope.all('/_control/*', async (_request, reply) => reply.code(404).send({ error: 'not_found' }));
  };
}
