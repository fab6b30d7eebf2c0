import { type FailedOutcome, failureCodes, type RawResponse } from '#provider-kit';
import { readError } from './error.reader.js';
import { readErrorBody, type SpokenError } from './error-dialects.js';
import { classifyFailure } from './failure-classification.js';
import { redactProviderWords } from './redaction.js';
import type { TokenResponseProfile } from './token-response-profile.js';

type Json = Readonly<Record<string, unknown>>;

export function isSuccess({ status }: RawResponse): boolean {
  return status >= 200 && status < 300;
}

/** An answer that is not what was asked for, as a failure. Total. */
export function readFailure(response: RawResponse, profile: TokenResponseProfile): FailedOutcome {
  return failureFrom(response, readError(response, profile), profile);
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
  const code = classifyFailure(response, error, profile);
  const { client, sentSecrets = [] } = profile.context;
  const literals = [client.clientId, client.secret?.value ?? '', ...sentSecrets];
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
