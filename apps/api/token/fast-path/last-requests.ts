import type { Socket } from 'node:net';
import type { AskedTokens, Door } from './door.js';
import { askTheSame, type SentRequest } from './sent-request.js';
import type { Served } from './served.js';

export interface Remembered {
  readonly sent: SentRequest;
  readonly door: Door;
  readonly asked: AskedTokens;
  /** With what it was last answered. */
  served?: Served;
}

/** Mostly a client asks on one socket for the same token over and over: that is taken apart and hashed once. */
export class LastRequests {
  private readonly last = new WeakMap<Socket, Remembered>();

  constructor(private readonly doors: readonly Door[]) {}

  /** @returns undefined for what no door reads */
  of(socket: Socket, sent: SentRequest): Remembered | undefined {
    const last = this.last.get(socket);
    if (last && askTheSame(last.sent, sent)) return last;
    for (const door of this.doors) {
      if (door.method !== sent.method) continue;
      const asked = door.read(sent);
      if (!asked) continue;
      const remembered: Remembered = { sent, door, asked };
      this.last.set(socket, remembered);
      return remembered;
    }
    return undefined;
  }
}
