import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

const lookAgainMs = 50;

/**
 * A drain waits for requests, not for clients: connections that fall idle after it has begun, and those on which no
 * request ever came (clients open some in advance), are closed. Node closes only those already idle at its start.
 */
export function closeUnusedWhileDraining(fastify: FastifyInstance): void {
  const { server } = fastify;
  const unused = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage) => unused.delete(socket));
  fastify.addHook('preClose', async () => {
    const timer = setInterval(() => {
      server.closeIdleConnections();
      for (const socket of unused) socket.destroy();
    }, lookAgainMs);
    server.once('close', () => clearInterval(timer));
  });
}
