import { failureCodes, type RawResponse, type TokenOutcome } from '#provider-kit';
import { isObject, readErrorBody, type SpokenError } from './error-dialects.js';
import { classifyFailure } from './failure-classification.js';
import { readSeconds } from './lifetime.js';
import { redact } from './redaction.js';
import type { TokenResponseProfile } from './token-response-profile.js';
import { readTokenSet } from './token-set-reader.js';

/**
 * Reads the answer of a token endpoint. Pure and total: whatever came is an outcome. The content type is not asked,
 * since providers label JSON as text and HTML as JSON; only a body that parses as a token set is one.
 */
export function readTokenEndpointResponse(
  response: RawResponse,
  profile: TokenResponseProfile,
): TokenOutcome {
  const body = parseObject(response.body);
  const error = body && readErrorBody(body);
  const answered = response.status >= 200 && response.status < 300;

  if (body && answered && !error) {
    const tokens = readTokenSet(body, profile);
    if (tokens) return { kind: 'tokens', tokens };
  }
  if (body && error && response.status < 500 && profile.context.grant === 'ciba') {
    const pending = readPending(error, body);
    if (pending) return pending;
  }
  return failed(response, error, profile);
}

/** OpenID CIBA Core §11; the same words after any other grant are an error. */
function readPending(error: SpokenError, body: Readonly<Record<string, unknown>>): TokenOutcome | undefined {
  if (error.code !== 'authorization_pending' && error.code !== 'slow_down') return undefined;
  const intervalSeconds = readSeconds(body['interval']);
  return {
    kind: 'pending',
    slowDown: error.code === 'slow_down',
    ...(intervalSeconds === undefined ? {} : { intervalSeconds }),
  };
}

function failed(
  response: RawResponse,
  error: SpokenError | undefined,
  profile: TokenResponseProfile,
): TokenOutcome {
  const code = classifyFailure(response.status, error, profile);
  const { client } = profile.context;
  const literals = [client.clientId, client.secret?.value ?? ''];
  return {
    kind: 'failed',
    failure: {
      code,
      class: failureCodes[code].class,
      status: response.status,
      ...(error?.code === undefined ? {} : { providerError: redact(error.code, literals) }),
      ...(error?.description === undefined
        ? {}
        : { providerErrorDescription: redact(error.description, literals) }),
      ...(response.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: response.retryAfterSeconds }),
    },
  };
}

function parseObject(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
