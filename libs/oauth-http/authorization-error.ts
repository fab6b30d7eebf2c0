import { type FailureCode, failureCodes, knownErrorCode } from '#provider-kit';
import { redactProviderWords } from './redaction.js';

/** Why an authorization request brought no code, in the server's own words, redacted. */
export interface AuthorizationError {
  readonly code: FailureCode;
  readonly remedy: string;
  readonly provider_error: { readonly error: string; readonly error_description?: string };
}

/**
 * Reads the error a browser brought back (RFC 6749 §4.1.2.1). A word that nobody knows is `provider_refused`.
 * @param clientId is cut from the words
 */
export function readAuthorizationError(
  error: string,
  errorDescription: string | undefined,
  clientId: string,
): AuthorizationError {
  const code = knownErrorCode(error) ?? 'provider_refused';
  return {
    code,
    remedy: failureCodes[code].remedy,
    provider_error: {
      error: redactProviderWords(error, [clientId]),
      ...(errorDescription === undefined
        ? {}
        : { error_description: redactProviderWords(errorDescription, [clientId]) }),
    },
  };
}
