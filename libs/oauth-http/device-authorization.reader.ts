import type { BackchannelOutcome, RawResponse } from '#provider-kit';
import { parseAnswer } from './answer-body.js';
import { readError } from './error.reader.js';
import { failureFrom, isSuccess } from './failure.reader.js';
import { readSeconds } from './lifetime.js';
import { pollingIntervalSeconds } from './polling-interval.js';
import type { TokenResponseProfile } from './token-response-profile.js';

/** Reads the answer of a device authorization endpoint (RFC 8628 §3.2). Pure and total. */
export function readDeviceAuthorization(
  response: RawResponse,
  profile: TokenResponseProfile,
): BackchannelOutcome {
  const body = parseAnswer(response.body) ?? {};
  const error = readError(response, profile);
  const { device_code: deviceCode, user_code: userCode } = body;
  // Some servers have the name of a draft.
  const verificationUri = body['verification_uri'] ?? body['verification_url'];
  const complete = body['verification_uri_complete'] ?? body['verification_url_complete'];
  const expiresInSeconds = readSeconds(body['expires_in']);
  if (
    !isSuccess(response) ||
    error ||
    !isText(deviceCode) ||
    !isText(userCode) ||
    !isAddress(verificationUri)
  )
    return failureFrom(response, error, profile);
  if (!expiresInSeconds) return failureFrom(response, error, profile);
  return {
    kind: 'started',
    grant: { type: 'device_code', deviceCode },
    expiresInSeconds,
    intervalSeconds: pollingIntervalSeconds(body['interval']),
    prompt: {
      userCode,
      verificationUri,
      ...(isAddress(complete) ? { verificationUriComplete: complete } : {}),
    },
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && /^[\x20-\x7e]{1,4096}$/.test(value);
}

/** A person is sent there: nothing but a web address. */
function isAddress(value: unknown): value is string {
  return isText(value) && /^https?:\/\//i.test(value) && URL.canParse(value);
}
