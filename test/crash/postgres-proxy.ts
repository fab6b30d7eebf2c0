import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * The treatment of a statement that is recognised:
 * `hold`: it never reaches the server · `withhold`: it is executed, and its answer never comes back · `pass`: nothing.
 */
export type Treatment = 'hold' | 'withhold' | 'pass';

interface Watch {
  readonly text: string;
  readonly treatment: Treatment;
  readonly onReached: () => void;
}

/** How many connections a statement speaks for, where it names them in a document or an array; otherwise one. */
function weightOf(statement: Buffer): number {
  const named = statement.toString('latin1').match(/"connection_id":|[{,]"[0-9a-f-]{36}"/g);
  return Math.max(1, named?.length ?? 0);
}

/**
 * Stands between one process and PostgreSQL and understands nothing but the text of statements, so that a process can
 * be stopped at an exact point of its work without a hook in it.
 */
export class PostgresProxy {
  private watch: Watch | undefined;
  private readonly clients = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private target: URL,
  ) {
    server.on('connection', (client) => this.serve(client));
  }

  /** @param target what `DATABASE_URL` would be without it */
  static async start(target: string): Promise<PostgresProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PostgresProxy(server, new URL(target));
  }

  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  /** New connections go there from now on. */
  retarget(target: string): void {
    this.target = new URL(target);
  }

  /** Treats every statement that contains the text so, until told otherwise. `onReached` is called once for each connection. */
  treat(text: string, treatment: Treatment, onReached: () => void): void {
    this.watch = { text, treatment, onReached };
  }

  passAll(): void {
    this.watch = undefined;
  }

  /** Ends every connection, as a network does. */
  cut(): void {
    for (const client of this.clients) client.destroy();
  }

  async close(): Promise<void> {
    this.server.close();
    this.cut();
    await once(this.server, 'close');
  }

  private serve(client: Socket): void {
    const upstream = connect(Number(this.target.port), this.target.hostname);
    let withheld = false;
    this.clients.add(client);
    const end = () => {
      client.destroy();
      upstream.destroy();
      this.clients.delete(client);
    };
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end).setNoDelay(true);
    client.on('data', (chunk: Buffer) => {
      const { watch } = this;
      if (!watch || !chunk.includes(watch.text)) {
        upstream.write(chunk);
        return;
      }
      if (watch.treatment !== 'hold') upstream.write(chunk);
      withheld = watch.treatment === 'withhold';
      const reached = () => {
        for (let n = weightOf(chunk); n > 0; n -= 1) watch.onReached();
      };
      if (withheld) upstream.once('data', reached);
      else reached();
    });
    upstream.on('data', (chunk: Buffer) => {
      if (!withheld) client.write(chunk);
    });
  }
}
