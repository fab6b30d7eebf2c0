import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Where a connection stands still once a statement is seen on it:
 * `before`: the statement has not reached the server · `behind`: the server has answered it, and nobody has heard ·
 * `nowhere`: it does not.
 */
export type Standstill = 'before' | 'behind' | 'nowhere';

interface Watch {
  readonly marks: readonly string[];
  readonly where: Standstill;
  readonly onSeen: () => void;
}

/**
 * A way to PostgreSQL that can stand still in the middle of a statement and go on later with nothing lost, as a network
 * does around a process that is frozen for a while.
 */
export class PostgresValve {
  private readonly watches = new Set<Watch>();
  private readonly opening: (() => void)[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    server.on('connection', (client) => this.serve(client));
  }

  /** @param target what `DATABASE_URL` would be without it */
  static async start(target: string): Promise<PostgresValve> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PostgresValve(server, new URL(target));
  }

  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  /** Resolves once the next statement that contains all these texts, in its parameters too, has come to stand still. */
  shut(marks: readonly string[], where: Standstill): Promise<void> {
    return new Promise((resolve) => {
      this.watches.add({ marks, where, onSeen: resolve });
    });
  }

  /** Everything goes on where it stood. */
  open(): void {
    this.watches.clear();
    for (const open of this.opening.splice(0)) open();
  }

  async close(): Promise<void> {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }

  private serve(client: Socket): void {
    const upstream = connect(Number(this.target.port), this.target.hostname);
    const end = () => {
      client.destroy();
      upstream.destroy();
      this.sockets.delete(client);
    };
    this.sockets.add(client);
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end).setNoDelay(true);
    const toServer = new Gate(upstream);
    const toClient = new Gate(client);
    client.on('data', (chunk: Buffer) => {
      const watch = this.take(chunk);
      if (watch?.where === 'before') toServer.shut();
      if (watch?.where === 'behind') {
        toClient.shut();
        upstream.once('data', watch.onSeen);
      } else watch?.onSeen();
      if (watch)
        this.opening.push(
          () => toServer.open(),
          () => toClient.open(),
        );
      toServer.write(chunk);
    });
    upstream.on('data', (chunk: Buffer) => toClient.write(chunk));
  }

  private take(chunk: Buffer): Watch | undefined {
    for (const watch of this.watches) {
      if (!watch.marks.every((mark) => chunk.includes(mark))) continue;
      this.watches.delete(watch);
      return watch;
    }
    return undefined;
  }
}

/** One direction of one connection. */
class Gate {
  private isShut = false;
  private readonly kept: Buffer[] = [];

  constructor(private readonly socket: Socket) {}

  shut(): void {
    this.isShut = true;
  }

  open(): void {
    this.isShut = false;
    for (const chunk of this.kept.splice(0)) this.socket.write(chunk);
  }

  write(chunk: Buffer): void {
    if (this.isShut) this.kept.push(chunk);
    else this.socket.write(chunk);
  }
}
