import { grantTraits, type RawResponse, type TokenOutcome } from '#provider-kit';
import { parseAnswer } from './answer-body.js';
import { readError } from './error.reader.js';
import type { SpokenError } from './error-dialects.js';
import { failureFrom, isSuccess } from './failure.reader.js';
import { readSeconds } from './lifetime.js';
import { findRefreshToken } from './refresh-token-search.js';
import type { TokenResponseProfile } from './token-response-profile.js';
import { readTokenSet } from './token-set-reader.js';

/**
 * Reads the answer of a token endpoint. Pure and total: whatever came is an outcome. Only a body that parses as a
 * token set is one, and one of success without an error is never a mere failure.
 */
export function readTokenEndpointResponse(
  response: RawResponse,
  profile: TokenResponseProfile,
): TokenOutcome {
  const body = parseAnswer(response.body);
  const error = readError(response, profile);
  if (isSuccess(response) && !error) return readSuccess(response, body, profile);
  const { polled, errorCodes } = grantTraits[profile.context.grant];
  if (polled && body && error && response.status < 500) {
    const pending = readPending(error, body);
    if (pending) return pending;
  }
  return failureFrom(response, error, { ...profile, errorCodes: { ...profile.errorCodes, ...errorCodes } });
}

function readSuccess(
  response: RawResponse,
  body: Readonly<Record<string, unknown>> | undefined,
  profile: TokenResponseProfile,
): TokenOutcome {
  const reading = body && readTokenSet(body, profile, profile.context.sentAt ?? new Date());
  if (reading && 'tokens' in reading) return { kind: 'tokens', ...reading };
  const { failure } = failureFrom(response, undefined, profile);
  if (failure.code !== 'malformed_response') return { kind: 'failed', failure };
  const refreshToken = findRefreshToken(response.body, profile.tokenPath);
  return {
    kind: 'unreadable',
    failure: { ...failure, ...reading },
    ...(refreshToken === undefined ? {} : { refreshToken }),
  };
}

/** OpenID CIBA Core §11 and RFC 8628 §3.5; the same words after a grant that is not polled are an error. */
function readPending(error: SpokenError, body: Readonly<Record<string, unknown>>): TokenOutcome | undefined {
  if (error.code !== 'authorization_pending' && error.code !== 'slow_down') return undefined;
  const intervalSeconds = readSeconds(body['interval']);
  return {
    kind: 'pending',
    slowDown: error.code === 'slow_down',
    ...(intervalSeconds === undefined ? {} : { intervalSeconds }),
  };
}
