import { grantTraits, type RawResponse, type TokenOutcome } from '#provider-kit';
import { readErrorBody, type SpokenError } from './error-dialects.js';
import { failureFrom, isSuccess, parseObject } from './failure.reader.js';
import { readSeconds } from './lifetime.js';
import { newestRefreshToken } from './newest-refresh-token.js';
import type { TokenResponseProfile } from './token-response-profile.js';
import { readTokenSet } from './token-set-reader.js';

/**
 * Reads the answer of a token endpoint. Pure and total: whatever came is an outcome. Only a body that parses as a
 * token set is one.
 */
export function readTokenEndpointResponse(
  response: RawResponse,
  profile: TokenResponseProfile,
): TokenOutcome {
  const body = parseObject(response.body);
  const error = body && readErrorBody(body);

  if (body && isSuccess(response) && !error) {
    const tokens = readTokenSet(body, profile);
    if (tokens) return { kind: 'tokens', tokens };
  }
  if (isSuccess(response) && !error) {
    const { failure } = failureFrom(response, undefined, profile);
    return { kind: 'unreadable', failure, ...newestRefreshToken(response.body) };
  }
  if (!grantTraits[profile.context.grant].polled) return failureFrom(response, error, profile);
  if (body && error && response.status < 500) {
    const pending = readPending(error, body);
    if (pending) return pending;
  }
  return failureFrom(response, error, { ...profile, errorCodes: { ...profile.errorCodes, ...deadRequest } });
}

/** OpenID CIBA Core §11: after this word the `auth_req_id` must not be used again. */
const deadRequest = { invalid_request: 'invalid_grant' } as const;

/** OpenID CIBA Core §11; the same words after a grant that is not polled are an error. */
function readPending(error: SpokenError, body: Readonly<Record<string, unknown>>): TokenOutcome | undefined {
  if (error.code !== 'authorization_pending' && error.code !== 'slow_down') return undefined;
  const intervalSeconds = readSeconds(body['interval']);
  return {
    kind: 'pending',
    slowDown: error.code === 'slow_down',
    ...(intervalSeconds === undefined ? {} : { intervalSeconds }),
  };
}
