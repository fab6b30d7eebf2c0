import type { Form, ProbeOutcome, RawResponse, TokenTypeHint } from '#provider-kit';
import { parseObject } from './answer-body.js';
import { readError } from './error.reader.js';
import { readErrorBody } from './error-dialects.js';
import { failureFrom, isSuccess, readFailure } from './failure.reader.js';
import type { TokenResponseProfile } from './token-response-profile.js';

/** RFC 6750 §3.1, and how APIs without that word say the same of a token. */
const deadTokenWords =
  /^(?:invalid_token|token_?(?:revoked|expired|invalid)|invalid_auth|account_inactive)$/i;

/** RFC 7662 §2.1. */
export function introspectionForm(token: string, hint: TokenTypeHint): Form {
  return { token, token_type_hint: hint };
}

/** RFC 7662 §2.2: `active`, and nothing else, says whether the token is. Total. */
export function readIntrospection(response: RawResponse, profile: TokenResponseProfile): ProbeOutcome {
  const { active } = parseObject(response.body) ?? {};
  if (!isSuccess(response) || active === undefined) return readFailure(response, profile);
  if (active === true || active === 'true') return { kind: 'alive' };
  if (active === false || active === 'false') return { kind: 'dead', reason: 'token_inactive' };
  return readFailure(response, profile);
}

/**
 * Reads what a resource (userinfo, an API) says of the access token it was asked with: RFC 6750 §3. A 403 does not
 * speak of the token, but of what it is allowed. Total.
 */
export function readResourceAnswer(response: RawResponse, profile: TokenResponseProfile): ProbeOutcome {
  const body = parseObject(response.body);
  // Beside success, only what can be nothing else is an error: an API may well have a `message` in what it gives.
  const error = isSuccess(response) ? body && readErrorBody(body, true) : readError(response, profile);
  if (isSuccess(response) && error === undefined) return { kind: 'alive' };
  if (response.status === 401 || deadTokenWords.test(error?.code ?? '')) {
    return { kind: 'dead', reason: 'token_refused' };
  }
  const failed = failureFrom(response, error, profile);
  return failed.failure.class === 'terminal' ? { kind: 'dead', reason: 'token_refused' } : failed;
}
