import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';

/** Answers a request before the framework has seen it, if it can at once. @returns whether it did */
export type Shortcut = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * Leaves to the framework only what `shortcut` does not answer. A server that the framework had made for it
 * (`serverFactory` of Fastify) would be the only one: of `localhost`, one of the two addresses could not be reached.
 */
export function askFirst(shortcut: Shortcut, server: Server): void {
  const framework = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    // Once it drains the framework tells every client to close its connection.
    if (server.listening && shortcut(request, response)) return;
    for (const answer of framework) answer(request, response);
  });
}
