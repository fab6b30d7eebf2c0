import type { BackchannelOutcome, RawResponse } from '#provider-kit';
import { parseObject } from './answer-body.js';
import { readError } from './error.reader.js';
import { failureFrom, isSuccess } from './failure.reader.js';
import { readSeconds } from './lifetime.js';
import { pollingIntervalSeconds } from './polling-interval.js';
import type { TokenResponseProfile } from './token-response-profile.js';

export interface BackchannelResponseProfile extends TokenResponseProfile {
  /** Seconds, for an answer that does not say how long the request lives; null: such an answer is malformed. */
  readonly assumedRequestSeconds: number | null;
}

/** Reads the answer of a backchannel authentication endpoint (OpenID CIBA Core §7.3). Pure and total. */
export function readBackchannelResponse(
  response: RawResponse,
  profile: BackchannelResponseProfile,
): BackchannelOutcome {
  const body = parseObject(response.body);
  const error = readError(response, profile);
  const authReqId = body?.['auth_req_id'];
  // A request that is over when it starts is not what a zero can mean.
  const expiresInSeconds = readSeconds(body?.['expires_in']) || profile.assumedRequestSeconds;
  const isStarted = isSuccess(response) && body && (!error || (!body['error'] && 'auth_req_id' in body));
  if (!isStarted || !isSendable(authReqId) || expiresInSeconds === null) {
    return failureFrom(response, error, profile);
  }
  return {
    kind: 'started',
    grant: { type: 'ciba', authReqId },
    expiresInSeconds,
    intervalSeconds: pollingIntervalSeconds(body['interval']),
  };
}

function isSendable(value: unknown): value is string {
  return typeof value === 'string' && /^[\x20-\x7e]+$/.test(value);
}
