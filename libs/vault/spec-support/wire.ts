import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** The way to PostgreSQL, with what can become of it. */
export class Wire {
  /** How long a new connection takes. */
  delayMs = 0;
  /** Notifications are lost, as in a transaction pooler. */
  isDeaf = false;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    server.on('connection', (client) => void this.serve(client));
  }

  static async to(target: string): Promise<Wire> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Wire(server, new URL(target));
  }

  get url(): string {
    const url = new URL(this.target);
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.server.close();
    this.cut();
    await once(this.server, 'close');
  }

  private async serve(client: Socket): Promise<void> {
    const upstream = connect(Number(this.target.port), this.target.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(from);
      from.pause().on('error', () => undefined);
      const pass = from === upstream ? this.withoutNotifications() : (chunk: Buffer) => chunk;
      from.on('data', (chunk: Buffer) => to.write(pass(chunk)));
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
    await sleep(this.delayMs);
    for (const socket of [client, upstream]) socket.resume();
  }

  /** The server sends messages: a letter, four bytes of length, and the rest. */
  private withoutNotifications(): (chunk: Buffer) => Buffer {
    let waiting = Buffer.alloc(0);
    return (chunk) => {
      waiting = Buffer.concat([waiting, chunk]);
      const passed: Buffer[] = [];
      while (waiting.length >= 5 && waiting.length > waiting.readUInt32BE(1)) {
        const end = 1 + waiting.readUInt32BE(1);
        const isNotification = waiting.toString('latin1', 0, 1) === 'A';
        if (!(this.isDeaf && isNotification)) passed.push(waiting.subarray(0, end));
        waiting = waiting.subarray(end);
      }
      return Buffer.concat(passed);
    };
  }
}
