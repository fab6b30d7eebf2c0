import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** ReadyForQuery, as every answer of an idle session ends. */
const ready = Buffer.from('Z\0\0\0\x05I', 'latin1');

/** The last message of a session when the server is stopped. */
const farewell = errorResponse('57P01', 'terminating connection due to administrator command');

/**
 * A way to PostgreSQL on which a session can end in the very packet that carries its last answer, as happens to some
 * of many sessions when a busy server stops.
 */
export class FarewellDoor {
  isEnding = false;
  farewells = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    server.on('connection', (client) => this.serve(client));
  }

  /** @param target what `DATABASE_URL` would be without it */
  static async start(target: string): Promise<FarewellDoor> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FarewellDoor(server, new URL(target));
  }

  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  async close(): Promise<void> {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }

  private serve(client: Socket): void {
    const upstream = connect(Number(this.target.port), this.target.hostname);
    const end = () => {
      client.destroySoon();
      upstream.destroy();
      this.sockets.delete(client);
    };
    this.sockets.add(client);
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end).setNoDelay(true);
    client.on('data', (chunk: Buffer) => upstream.write(chunk));
    upstream.on('data', (chunk: Buffer) => {
      if (!this.isEnding || !chunk.subarray(-ready.length).equals(ready)) {
        client.write(chunk);
        return;
      }
      this.farewells += 1;
      client.write(Buffer.concat([chunk, farewell]));
      end();
    });
  }
}

/** An ErrorResponse of the frontend/backend protocol, FATAL. */
function errorResponse(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`, 'latin1');
  const head = Buffer.from('E\0\0\0\0', 'latin1');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
