import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from './public-address.js';

export class EgressRefusedError extends Error {
  override readonly name = 'EgressRefusedError';
  constructor() {
    super('The address is not public.');
  }
}

/**
 * Resolves a name and refuses it unless every address it has is public. It runs inside the connection attempt and
 * the socket connects to what it returned, so a name that answers differently the next time (DNS rebinding) gains
 * nothing. A name with public and private addresses is refused as a whole.
 */
export function publicOnlyLookup(resolve: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    // RFC 6761 §6.3: never asked of DNS.
    if (/(^|\.)localhost\.?$/i.test(hostname)) return callback(new EgressRefusedError(), '');
    resolve(hostname, { ...options, all: true }, (error, found, family) => {
      if (error) return callback(error, '');
      const addresses: LookupAddress[] = Array.isArray(found)
        ? found
        : [{ address: found, family: family ?? 4 }];
      const [first] = addresses;
      if (!first || !addresses.every(({ address }) => isPublicAddress(address))) {
        return callback(new EgressRefusedError(), '');
      }
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}
