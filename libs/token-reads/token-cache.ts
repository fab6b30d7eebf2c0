import type { Clock } from '#provider-kit';
import { type ChangeFeed, HeardCache } from '#vault';
import type { ServedToken } from './token-answer.js';

/** Tokens one replica keeps in memory. */
const maxEntries = 50_000;

/** The tokens this replica has read lately. */
export function tokenCache(feed: ChangeFeed, clock: Clock, outageSeconds: number): HeardCache<ServedToken> {
  return new HeardCache(feed, clock, {
    maxEntries,
    outageSeconds,
    rowsOf: {
      api_key: undefined,
      tenant: ({ tenantId }) => tenantId,
      workload_identities: undefined,
      connection: ({ connectionId }) => connectionId,
    },
  });
}
