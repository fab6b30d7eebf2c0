import type { BackchannelOutcome, RawResponse } from '#provider-kit';
import { parseObject } from './answer-body.js';
import { readError } from './error.reader.js';
import { failureFrom, isSuccess } from './failure.reader.js';
import { readSeconds } from './lifetime.js';
import type { TokenResponseProfile } from './token-response-profile.js';

export interface BackchannelResponseProfile extends TokenResponseProfile {
  /** Seconds, for an answer that does not say how long the request lives; null: such an answer is malformed. */
  readonly assumedRequestSeconds: number | null;
}

/** OpenID CIBA Core §7.3: without an interval, 5 s. */
const defaultIntervalSeconds = 5;

/** An interval of 0 allows polling at will; once a second is will enough. */
const shortestIntervalSeconds = 1;

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
  const intervalSeconds = readSeconds(body['interval']) ?? defaultIntervalSeconds;
  return {
    kind: 'started',
    grant: { type: 'ciba', authReqId },
    expiresInSeconds,
    intervalSeconds: Math.max(intervalSeconds, shortestIntervalSeconds),
  };
}

function isSendable(value: unknown): value is string {
  return typeof value === 'string' && /^[\x20-\x7e]+$/.test(value);
}
