import { log } from '#observability';
import type { Claim, ClaimedConnection, LastError } from '#vault';

/** One line for each failed renewal, with the provider's redacted words. */
export function logFailure(
  { tenantId, connectionId }: Pick<Claim, 'tenantId' | 'connectionId'>,
  connection: Pick<ClaimedConnection, 'slug' | 'provider'> | null,
  { code, attempts, provider_error: providerError }: LastError,
): void {
  const named = { tenantId, connectionId, connection: connection?.slug, provider: connection?.provider };
  log.warn({ ...named, code, attempts, providerError }, 'renewal failed');
}
