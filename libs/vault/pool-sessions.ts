import type { Socket } from 'node:net';
import { Injectable, Module } from '@nestjs/common';
import type { ClientBase } from 'pg';

/**
 * The sessions of the pool. A server that goes away without a word, with its machine or behind a firewall, leaves
 * statements waiting for as long as the system retransmits: a quarter of an hour, in which nothing is renewed.
 */
@Injectable()
export class PoolSessions {
  private readonly sockets = new Set<Socket>();

  /** For the pool, when a session begins. */
  readonly watch = (client: ClientBase): void => {
    // It may end between two users of its connection, when nobody listens, and an `error` that nobody hears ends the
    // process. Whoever uses the connection next is told by its own query.
    client.on('error', () => undefined);
    const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection;
    this.sockets.add(stream);
    stream.once('close', () => this.sockets.delete(stream));
  };

  /**
   * Ends the sessions there are now on which the server says nothing within `patienceMs`, those that nobody uses
   * included. Their statements fail as in any outage.
   */
  endSilent(patienceMs: number): void {
    for (const socket of this.sockets) {
      const timer = setTimeout(() => socket.destroy(), patienceMs).unref();
      const heard = () => clearTimeout(timer);
      socket.once('data', heard).once('close', heard);
    }
  }
}

@Module({ providers: [PoolSessions], exports: [PoolSessions] })
export class PoolSessionsModule {}
