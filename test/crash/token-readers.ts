import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../support/http.js';
import type { RotatingConnection } from './rotating-grants.js';

/** Reads the tokens of some connections over and over, and counts how that is answered. */
export class TokenReaders {
  /** By status; 0 where there was no answer. */
  readonly answers: Record<number, number> = {};
  private stopped = false;

  private constructor(private readonly client: Client) {}

  private running: Promise<unknown> = Promise.resolve();

  /** Resolves once each token has been read and may be remembered. */
  static async start(client: Client, connections: readonly RotatingConnection[]): Promise<TokenReaders> {
    const readers = new TokenReaders(client);
    await Promise.all(connections.map((connection) => readers.read(connection)));
    readers.running = Promise.all(connections.map((connection) => readers.keepReading(connection)));
    return readers;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private async keepReading(connection: RotatingConnection): Promise<void> {
    while (!this.stopped) {
      await this.read(connection);
      await sleep(20);
    }
  }

  private async read({ path }: RotatingConnection): Promise<void> {
    const status = await this.client('GET', `${path}/token`).then(
      (answer) => answer.status,
      () => 0,
    );
    this.answers[status] = (this.answers[status] ?? 0) + 1;
  }
}
