import type { ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../world/request-log.js';
import type { WireReply } from './compose-reply.js';

const DRIP_BYTES = 16;

export interface DeliveryFaults {
  /** Send half of the body, then cut the connection. */
  readonly truncate: boolean;
  /** Send the body in pieces of 16 bytes, this far apart. 0: at once. */
  readonly dripMs: number;
}

/** Puts an answer on the wire byte for byte, with nothing added but `Date`, `Connection` and the length. */
export async function deliver(
  response: ServerResponse,
  reply: WireReply,
  faults: DeliveryFaults,
  signal: AbortSignal,
): Promise<Outcome> {
  if (response.destroyed) return 'client_gone';
  const bodiless = reply.status === 204 || reply.status === 304;
  response.writeHead(reply.status, {
    ...reply.headers,
    ...(bodiless ? {} : { 'content-length': reply.body.length }),
  });
  const body = bodiless ? Buffer.alloc(0) : reply.body;
  const sent = faults.truncate ? body.subarray(0, Math.floor(body.length / 2)) : body;
  response.flushHeaders();
  await write(response, sent, faults.dripMs, signal);
  if (response.destroyed) return 'client_gone';
  if (faults.truncate) {
    // Unlike `destroy`, lets what was written leave first.
    response.socket?.destroySoon();
    return 'truncated';
  }
  response.end();
  try {
    await finished(response);
    return 'answered';
  } catch {
    return 'client_gone';
  }
}

async function write(
  response: ServerResponse,
  body: Buffer,
  dripMs: number,
  signal: AbortSignal,
): Promise<void> {
  if (dripMs === 0) {
    if (body.length > 0) response.write(body);
    return;
  }
  for (let at = 0; at < body.length && !response.destroyed; at += DRIP_BYTES) {
    response.write(body.subarray(at, at + DRIP_BYTES));
    await sleep(dripMs, undefined, { signal });
  }
}
