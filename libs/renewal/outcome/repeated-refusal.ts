import { failureCodes, grantTraits } from '#provider-kit';
import type { ClaimedConnection } from '#vault';
import type { RenewalFailure } from './renewal-failure.js';

const daySeconds = 86_400;

/** So long a connection is tried once a day after it was given up, in case the provider comes round. */
const mostDays = 31;

type RefusedConnection = Pick<ClaimedConnection, 'grant' | 'refusedSince' | 'accessTokenExpiresAt' | 'token'>;

/**
 * A refusal in words that nobody knows may be a grant that has died. After a day of nothing else, and with no valid
 * token left, the connection is said to need a new authorisation, and is tried once a day for 30 days all the same.
 * @returns undefined where it has not come to that
 */
export function repeatedRefusal(
  failure: RenewalFailure,
  { grant, refusedSince, accessTokenExpiresAt, token }: RefusedConnection,
  at: Date,
): { readonly failure: RenewalFailure; readonly nextAttemptSeconds: number | null } | undefined {
  if (failure.code !== 'provider_refused' || !refusedSince) return undefined;
  // There is no user who could give it again.
  if (grantTraits[grant].owner === 'client') return undefined;
  const refusedSeconds = (at.getTime() - refusedSince.getTime()) / 1_000;
  const isServed = accessTokenExpiresAt === null ? token !== null : accessTokenExpiresAt > at;
  if (refusedSeconds < daySeconds || isServed) return undefined;
  return {
    failure: { ...failure, code: 'refused_repeatedly', ...failureCodes.refused_repeatedly },
    nextAttemptSeconds: refusedSeconds < mostDays * daySeconds ? daySeconds : null,
  };
}
