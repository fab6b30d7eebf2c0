import { type FailedOutcome, failureCodes, type RawResponse } from '#provider-kit';
import { isObject, readErrorBody, type SpokenError } from './error-dialects.js';
import { classifyFailure } from './failure-classification.js';
import { redactProviderWords } from './redaction.js';
import type { TokenResponseProfile } from './token-response-profile.js';

type Json = Readonly<Record<string, unknown>>;

/** The body when it is a JSON object; whatever the content type says, for providers label JSON as text and HTML as JSON. */
export function parseObject(body: string): Json | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

export function isSuccess({ status }: RawResponse): boolean {
  return status >= 200 && status < 300;
}

/** An answer that is not what was asked for, as a failure. Total. */
export function readFailure(response: RawResponse, profile: TokenResponseProfile): FailedOutcome {
  const body = parseObject(response.body);
  return failureFrom(response, body && readErrorBody(body), profile);
}

/**
 * An error-shaped object that stands for the answer in a part of a larger one, inside a 200. The status it claims
 * itself goes for the answer's; without one it counts as a refusal. Undefined when it is no error.
 */
export function readEmbeddedFailure(
  part: Json,
  response: RawResponse,
  profile: TokenResponseProfile,
): FailedOutcome | undefined {
  const error = readErrorBody(part);
  if (!error) return undefined;
  const { failure } = failureFrom({ ...response, status: error.status ?? 400 }, error, profile);
  return { kind: 'failed', failure: { ...failure, status: response.status } };
}

export function failureFrom(
  response: RawResponse,
  error: SpokenError | undefined,
  profile: TokenResponseProfile,
): FailedOutcome {
  const code = classifyFailure(response.status, error, profile);
  const { client } = profile.context;
  const literals = [client.clientId, client.secret?.value ?? ''];
  return {
    kind: 'failed',
    failure: {
      code,
      class: failureCodes[code].class,
      status: response.status,
      ...(error?.code === undefined ? {} : { providerError: redactProviderWords(error.code, literals) }),
      ...(error?.description === undefined
        ? {}
        : { providerErrorDescription: redactProviderWords(error.description, literals) }),
      ...(response.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: response.retryAfterSeconds }),
    },
  };
}
