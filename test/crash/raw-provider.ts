import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { selfSigned } from '../support/self-signed.js';

/** A provider below HTTP: it does on its socket what no server would. */
export interface RawProvider {
  readonly tokenEndpoint: string;
  /** Requests that were read to their end. */
  requests(): number;
  close(): Promise<void>;
}

/** Called once the provider has read a request. */
export type RawAnswer = (socket: Socket) => void;

export async function startRawProvider(answer: RawAnswer): Promise<RawProvider> {
  let requests = 0;
  const server = createServer((socket) => {
    let seen = '';
    socket.on('data', (chunk: Buffer) => {
      seen += chunk.toString('latin1');
      if (!isComplete(seen)) return;
      seen = '';
      requests += 1;
      answer(socket);
    });
  });
  return listening(server, 'http', () => requests);
}

/** Cuts connections without having read anything, a moment after the request has come. */
export function startDeafProvider(): Promise<RawProvider> {
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    setTimeout(() => socket.resetAndDestroy(), 100);
  });
  return listening(server, 'http', () => 0);
}

/** Speaks TLS with a certificate that nobody has vouched for. */
export function startUntrustedProvider(): Promise<RawProvider> {
  let requests = 0;
  const server = createTlsServer(selfSigned(), (socket) => socket.once('data', () => (requests += 1)));
  return listening(server, 'https', () => requests);
}

async function listening(server: Server, scheme: string, requests: () => number): Promise<RawProvider> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    tokenEndpoint: `${scheme}://127.0.0.1:${port}/token`,
    requests,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function isComplete(request: string): boolean {
  const [head = '', body] = request.split('\r\n\r\n', 2);
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  return body !== undefined && body.length >= length;
}
