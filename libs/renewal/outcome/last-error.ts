import type { LastError, ProviderErrorWords } from '#vault';
import type { RenewalFailure } from './renewal-failure.js';

/** A failure as the connection shows it. */
export function lastErrorOf(
  failure: RenewalFailure,
  attempts: number,
  at: Date,
  nextAttemptAt: Date | null,
): LastError {
  return {
    code: failure.code,
    at: at.toISOString(),
    attempts,
    next_attempt_at: nextAttemptAt?.toISOString() ?? null,
    remedy: failure.remedy,
    provider_error: providerWords(failure),
  };
}

/** Null where the provider was not reached, or said nothing. */
function providerWords(failure: RenewalFailure): ProviderErrorWords | null {
  const { status, providerError, providerErrorDescription, member } = failure;
  const words = {
    ...(status === undefined ? {} : { status }),
    ...(providerError === undefined ? {} : { error: providerError }),
    ...(providerErrorDescription === undefined ? {} : { error_description: providerErrorDescription }),
    ...(member === undefined ? {} : { member }),
  };
  return Object.keys(words).length === 0 ? null : words;
}
