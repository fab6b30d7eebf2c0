import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

/** Counts who connects to it. */
export interface Canary {
  /** 443 where this user may listen there: a call to another port is refused before its address is judged. */
  readonly port: number;
  readonly hits: number;
  close(): void;
}

export async function startCanary(): Promise<Canary> {
  let hits = 0;
  const server = createServer((socket) => {
    hits += 1;
    socket.destroy();
  });
  const port = await listen(server);
  return {
    port,
    get hits() {
      return hits;
    },
    close: () => server.close(),
  };
}

/** For both families where the machine has both. */
async function listen(server: Server): Promise<number> {
  for (const port of [443, 0]) {
    for (const host of ['::', '0.0.0.0']) {
      const listens = once(server, 'listening').then(
        () => true,
        () => false,
      );
      server.listen(port, host);
      if (await listens) return (server.address() as AddressInfo).port;
    }
  }
  throw new Error('There is no port to listen on.');
}
