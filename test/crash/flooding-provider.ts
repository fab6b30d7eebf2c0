import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

const megabyte = 1024 * 1024;

export interface FloodingProvider {
  readonly origin: string;
  answered(path: FloodingPath): number;
  close(): Promise<void>;
}

/** `/down` fails with the largest answer that is read; the length of `/bomb` and `/huge` comes with them or not, in turns. */
export type FloodingPath = '/good' | '/bomb' | '/huge' | '/down';

/** Answers with far more than anybody asked for. Its answers are made once, so that only the receiver needs memory. */
export async function startFloodingProvider(): Promise<FloodingProvider> {
  // 60 KB, which is little enough to be read whole, unpack to 60 MB.
  const bomb = gzipSync(Buffer.alloc(60 * megabyte, ' '));
  const huge = Buffer.alloc(10 * megabyte, ' ');
  const largest = '{"error":"temporarily_unavailable"}'.padEnd(64 * 1024);
  const answers: Record<FloodingPath, (response: ServerResponse) => void> = {
    '/good': (response) =>
      response.end(JSON.stringify({ access_token: 'a', token_type: 'Bearer', expires_in: 3_600 })),
    '/bomb': (response) => send(response.setHeader('content-encoding', 'gzip'), bomb, counts['/bomb']),
    '/huge': (response) => send(response, huge, counts['/huge']),
    '/down': (response) => response.writeHead(503).end(largest),
  };
  const counts: Record<FloodingPath, number> = { '/good': 0, '/bomb': 0, '/huge': 0, '/down': 0 };
  const server = createServer((request, response) => {
    const path = request.url as FloodingPath;
    request.resume().on('end', () => {
      counts[path] += 1;
      response.setHeader('content-type', 'application/json');
      answers[path](response);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answered: (path) => counts[path],
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function send(response: ServerResponse, body: Buffer, turn: number): void {
  if (turn % 2 === 0) response.setHeader('content-length', body.length);
  else response.flushHeaders();
  response.end(body);
}
