import { STATUS_CODES } from 'node:http';
import { type FailureCode, grantTraits, knownErrorCode, type RawResponse } from '#provider-kit';
import type { SpokenError } from './error-dialects.js';
import type { TokenResponseProfile } from './token-response-profile.js';

type Answer = Pick<RawResponse, 'status' | 'contentType' | 'body'>;

/**
 * A rule of the settings goes before everything. Then the status goes before the words where it speaks of the server
 * (429, 5xx): an `invalid_grant` in a 500 must not end a grant. Below that the words decide, and the status only where
 * there are none.
 */
export function classifyFailure(
  answer: Answer,
  error: SpokenError | undefined,
  profile: TokenResponseProfile,
): FailureCode {
  const { status } = answer;
  const decided = error?.ruled ?? profile.statusCodes?.[status];
  if (decided !== undefined) return decided;
  if (status === 429) return 'rate_limited';
  if (status === 503) return 'temporarily_unavailable';
  if (status >= 500 && status < 600) return 'server_error';
  if (status >= 200 && status < 300) return classifySuccess(answer, error, profile);
  if (status >= 300 && status < 400) return 'redirect_refused';
  if (status < 400 || status >= 600) return 'malformed_response';
  return codeOf(error, profile) ?? codeWithoutWords(answer, error);
}

/** An error inside an answer with success: its own words, or the status that it claims. */
function classifySuccess(
  answer: Answer,
  error: SpokenError | undefined,
  profile: TokenResponseProfile,
): FailureCode {
  if (!error) return 'malformed_response';
  const named = codeOf(error, profile);
  if (named) return named;
  if (error.status !== undefined) return classifyFailure({ ...answer, status: error.status }, error, profile);
  return 'provider_refused';
}

/** 401 and 403 say enough by themselves; any other word that nobody knows is shown, and an admin maps it. */
function codeWithoutWords(answer: Answer, error: SpokenError | undefined): FailureCode {
  const { status } = answer;
  if (!error && isPage(answer)) return status === 404 ? 'endpoint_not_found' : 'unexpected_page';
  if (status === 401) return 'invalid_client';
  if (status === 403) return 'permission_denied';
  if (hasWord(error)) return 'provider_refused';
  // RFC 9110 §15.5.9: the server gave up waiting, and says nothing of what it had read.
  if (status === 408) return 'upstream_timeout';
  return status === 404 || status === 405 ? 'endpoint_not_found' : 'invalid_request';
}

function codeOf(error: SpokenError | undefined, profile: TokenResponseProfile): FailureCode | undefined {
  if (error?.code === undefined) return undefined;
  const own = profile.errorCodes ?? {};
  if (Object.hasOwn(own, error.code)) return own[error.code];
  const known = knownErrorCode(error.code);
  // RFC 6749 §5.2 has no such word: where no user is asked, none can have refused.
  const asksUser = grantTraits[profile.context.grant].polled;
  return known === 'access_denied' && !asksUser ? undefined : known;
}

/** A word of the server's own, and not the phrase that goes with its status anyway. */
function hasWord(error: SpokenError | undefined): boolean {
  if (error?.code === undefined || error.isTitle) return false;
  const phrases = Object.values(STATUS_CODES).map((phrase) => phrase?.toLowerCase());
  return !phrases.includes(error.code.toLowerCase().replaceAll('_', ' '));
}

function isPage({ contentType, body }: Answer): boolean {
  return contentType === 'text/html' || /^\s*<(?:!doctype|html)/i.test(body.slice(0, 200));
}
