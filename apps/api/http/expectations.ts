import type { Server } from 'node:http';

/** An `Expect` that nobody knows is ignored (RFC 9110 §10.1.1 allows it): Node would answer 417 beside all routes. */
export function ignoreExpectations(server: Server): void {
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}
