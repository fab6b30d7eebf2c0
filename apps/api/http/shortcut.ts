import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';

/** Answers a request before the framework has seen it, if it can at once. @returns whether it did */
export type Shortcut = (request: IncomingMessage, response: ServerResponse) => boolean;

/** How long a connection may be idle, milliseconds: longer than the proxies in front of it keep theirs. */
const keepAliveTimeoutMs = 72_000;

/** A server that gives to `framework` what `shortcut` leaves. */
export function serverWithShortcut(
  shortcut: Shortcut,
  framework: RequestListener,
  requestTimeoutMs: number,
): Server {
  const server = createServer((request, response) => {
    // Once it drains the framework tells every client to close its connection.
    if (!server.listening || !shortcut(request, response)) framework(request, response);
  });
  server.keepAliveTimeout = keepAliveTimeoutMs;
  server.requestTimeout = requestTimeoutMs;
  return server;
}
