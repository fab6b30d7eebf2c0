import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';

/** Longer bodies are for the framework, bytes. */
const mostBodyBytes = 4_096;

/** Answers requests before the framework has seen them, where it can at once. */
export interface Shortcut {
  /** Whether it may answer a request of this kind once it has the body. */
  readsBodyOf(request: IncomingMessage): boolean;
  /** @returns whether it answered */
  answer(request: IncomingMessage, response: ServerResponse, body?: string): boolean;
}

/**
 * Leaves to the framework only what `shortcut` does not answer. A server that the framework had made for it
 * (`serverFactory` of Fastify) would be the only one: of `localhost`, one of the two addresses could not be reached.
 */
export function askFirst(shortcut: Shortcut, server: Server): void {
  const framework = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    const pass = () => {
      for (const answer of framework) answer(request, response);
    };
    // Once it drains the framework tells every client to close its connection.
    if (!server.listening) return pass();
    if (request.method === 'GET') return shortcut.answer(request, response) ? undefined : pass();
    if (!shortcut.readsBodyOf(request)) return pass();
    // A small body comes with its head, and Node's parser has it in the stream by then.
    process.nextTick(() => {
      const body = wholeBody(request);
      if (body && shortcut.answer(request, response, body.toString())) return;
      if (body) request.unshift(body);
      pass();
    });
  });
}

/** @returns undefined where it has not arrived whole, and for a long one: nothing is taken from the stream then */
function wholeBody(request: IncomingMessage): Buffer | undefined {
  const { readableLength } = request;
  if (readableLength === 0 || readableLength > mostBodyBytes) return undefined;
  return readableLength === contentLength(request) ? (request.read() as Buffer) : undefined;
}

/** Looked up as it came: Node makes the object with all headers only where somebody asks for it. */
function contentLength({ rawHeaders }: IncomingMessage): number | undefined {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 14 && name.toLowerCase() === 'content-length') return Number(rawHeaders[at + 1]);
  }
  return undefined;
}
