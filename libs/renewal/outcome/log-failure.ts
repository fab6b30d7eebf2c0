import { log } from '#observability';
import type { Claim, ClaimedConnection, LastError } from '#vault';
import type { RenewalFailure } from './renewal-failure.js';

/** One line for each failed renewal: the kind of failure, the provider's redacted words, and when the next try is. */
export function logFailure(
  { tenantId, connectionId }: Pick<Claim, 'tenantId' | 'connectionId'>,
  connection: Pick<ClaimedConnection, 'slug' | 'provider'> | null,
  failure: Pick<RenewalFailure, 'class'>,
  { code, attempts, next_attempt_at: nextAttemptAt, provider_error: providerError }: LastError,
): void {
  const named = { tenantId, connectionId, connection: connection?.slug, provider: connection?.provider };
  log.warn(
    { ...named, code, class: failure.class, attempts, nextAttemptAt, providerError },
    'renewal failed',
  );
}

/** One line for each new authorisation that must not have the connection. */
export function logTurnedAway(
  claim: Pick<Claim, 'tenantId' | 'connectionId'>,
  { slug, provider }: Pick<ClaimedConnection, 'slug' | 'provider'>,
): void {
  const { tenantId, connectionId } = claim;
  const named = { tenantId, connectionId, connection: slug, provider, code: 'account_mismatch' };
  log.warn(named, 'turned an authorisation away: another account has consented than before');
}
