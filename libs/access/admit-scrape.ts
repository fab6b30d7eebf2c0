import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { AccessError } from './access.errors.js';
import type { Authenticator } from './authenticator.js';
import { bearerOf } from './bearer.js';
import { may } from './may.js';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * Metrics are for programs of this machine without a key, and for others, those behind a proxy of this machine
 * included, with a platform administrator's.
 * @throws AccessError `unauthenticated` or `forbidden`
 */
export async function admitScrape(request: IncomingMessage, authenticator: Authenticator): Promise<void> {
  if (isFromLoopback(request)) return;
  const bearer = bearerOf(request.headers.authorization);
  const caller =
    bearer === undefined
      ? undefined
      : await authenticator.authenticate(bearer, request.socket.remoteAddress ?? '');
  if (!caller) throw new AccessError('unauthenticated');
  if (!may(caller, 'metrics.read', null)) throw new AccessError('forbidden');
}

function isFromLoopback({ headers, socket }: IncomingMessage): boolean {
  if (headers['x-forwarded-for'] !== undefined || headers['forwarded'] !== undefined) return false;
  const address = socket.remoteAddress ?? '';
  return loopback.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
