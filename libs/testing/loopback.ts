import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { type ProviderCall, UpstreamError } from '#provider-kit';

export interface Loopback {
  readonly origin: string;
  readonly port: number;
  /** Connections accepted so far. */
  connections(): number;
  /** Everything the peer wrote so far, on all connections, as it came over the wire. */
  wire(): string;
  close(): Promise<void>;
}

/** A server on a free port that remembers the bytes it was sent. */
export async function listen(server: net.Server, scheme = 'http'): Promise<Loopback> {
  const sockets = new Set<net.Socket>();
  const wire: Buffer[] = [];
  let connections = 0;
  server.on('connection', (socket: net.Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('data', (chunk: Buffer) => wire.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${scheme}://127.0.0.1:${port}`,
    port,
    connections: () => connections,
    wire: () => Buffer.concat(wire).toString('latin1'),
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export function serve(handler: http.RequestListener): Promise<Loopback> {
  return listen(http.createServer(handler));
}

export function serveRaw(handler: (socket: net.Socket) => void): Promise<Loopback> {
  return listen(net.createServer(handler));
}

export function within(timeoutMs: number): ProviderCall {
  return { deadlineMonotonicMs: performance.now() + timeoutMs };
}

/** The error a call ended with; fails when it ended otherwise. */
export async function upstreamErrorOf(call: Promise<unknown>): Promise<UpstreamError> {
  const ended = await call.catch((error: unknown) => error);
  if (!(ended instanceof UpstreamError)) throw new Error(`Not an UpstreamError: ${String(ended)}`);
  return ended;
}
