import { type Form, type RawResponse, type TokenTypeHint, UpstreamError } from '#provider-kit';
import { readError } from './error.reader.js';
import { isSuccess, readFailure } from './failure.reader.js';
import type { TokenResponseProfile } from './token-response-profile.js';

/** RFC 7009 §2.1. */
export function revocationForm(token: string, hint: TokenTypeHint): Form {
  return { token, token_type_hint: hint };
}

/**
 * RFC 7009 §2.2: any success will do, and a token that was not valid any more is one too.
 * @throws UpstreamError otherwise
 */
export function assertRevoked(response: RawResponse, profile: TokenResponseProfile): void {
  if (isSuccess(response) && !readError(response, profile)) return;
  const { failure } = readFailure(response, profile);
  throw new UpstreamError(failure.code, true, `The token was not revoked (status ${response.status}).`);
}
