import type { Settings } from '#config';
import type { Clock } from '#provider-kit';
import { type ChangeFeed, HeardCache } from '#vault';
import type { ServedToken } from './token-answer.js';

/** The tokens this replica has read lately. */
export function tokenCache(
  feed: ChangeFeed,
  clock: Clock,
  { cacheSizes, outageReadSeconds }: Pick<Settings, 'cacheSizes' | 'outageReadSeconds'>,
): HeardCache<ServedToken> {
  return new HeardCache(feed, clock, {
    maxEntries: cacheSizes.tokens,
    outageSeconds: outageReadSeconds,
    rowsOf: {
      api_key: undefined,
      tenant: ({ tenantId }) => tenantId,
      workload_identities: undefined,
      connection: ({ connectionId }) => connectionId,
    },
  });
}
