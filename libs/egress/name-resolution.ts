import dns, { type LookupAddress, promises } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** Of one query; the second waits for twice as long. */
const queryTimeoutMs = 1_500;
const tries = 2;

/**
 * Public names are asked of DNS itself. The system's resolution takes one of very few threads, for as long as a name
 * server keeps silent and longer than any deadline here: a handful of names that one tenant has brought, and whose
 * servers do not answer, would keep every call of the process waiting for minutes. Names that an operator has listed
 * are the system's to resolve: they may stand in a file of hosts.
 */
export function resolverFor(guarded: boolean): LookupFunction {
  return guarded ? publicNames : dns.lookup;
}

/** @param servers default: those of the system */
export function dnsLookup(servers?: readonly string[]): LookupFunction {
  const resolver = new promises.Resolver({ timeout: queryTimeoutMs, tries });
  if (servers) resolver.setServers(servers);
  return (hostname, _options, callback) => {
    void Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]).then(([v4, v6]) => {
      const found: LookupAddress[] = [
        ...(v4.status === 'fulfilled' ? v4.value.map((address) => ({ address, family: 4 })) : []),
        ...(v6.status === 'fulfilled' ? v6.value.map((address) => ({ address, family: 6 })) : []),
      ];
      if (found.length > 0 || v4.status === 'fulfilled') callback(null, found);
      else callback(v4.reason as NodeJS.ErrnoException, '');
    });
  };
}

const publicNames = dnsLookup();
