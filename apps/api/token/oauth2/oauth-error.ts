import type { FastifyReply } from 'fastify';
import type { Problem } from '../../problem/problem.js';
import { problemHeaders } from '../../problem/problem-document.js';
import { contentType } from '../token-document.js';
import { neverCached } from './never-cached.js';

/** The codes in use of RFC 6749 §5.2 and §4.1.2.1 and of RFC 8707 §2, with their statuses. */
export const oauthStatuses = {
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
  invalid_scope: 400,
  invalid_target: 400,
  server_error: 500,
  temporarily_unavailable: 503,
} as const;

export type OAuthErrorCode = keyof typeof oauthStatuses;

export interface OAuthErrorOptions {
  /** Where it is not the usual one of the code. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal of the token endpoint. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly code: OAuthErrorCode,
    description: string,
    { status = oauthStatuses[code], headers = {} }: OAuthErrorOptions = {},
  ) {
    super(description);
    this.status = status;
    this.headers = headers;
  }
}

/** The same words for an unknown connection, for one the client may not read, and for another tenant's. */
export function unknownTarget(): OAuthError {
  return new OAuthError(
    'invalid_target',
    'There is no such connection, or this client may not read its token.',
  );
}

/** Every wrong client is told the same, whatever was wrong with it. */
export function invalidClient(): OAuthError {
  return new OAuthError(
    'invalid_client',
    'Authenticate with the id of an API key as client_id and the key itself as client_secret.',
  );
}

/** A refusal by the rest of the API, in the words of this endpoint. */
export function oauthErrorOf(problem: Problem): OAuthError {
  const { status, message } = problem;
  const { 'retry-after': retryAfter } = problemHeaders(problem);
  const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
  if (status === 401) return invalidClient();
  if (status === 404) return unknownTarget();
  if (status === 429 || status === 503)
    return new OAuthError('temporarily_unavailable', message, { status, headers });
  if (status >= 500) return new OAuthError('server_error', message, { status });
  if (status === 409) return new OAuthError('invalid_grant', message, { headers });
  // RFC 6749 §3.2 and §5.2: a form, and 400 for what is not one.
  if (status === 415)
    return new OAuthError('invalid_request', 'The body must be application/x-www-form-urlencoded.');
  return new OAuthError('invalid_request', message, { status });
}

/** RFC 6749 §5.2: JSON, never cached, and with a challenge where the client is wrong. */
export function sendOAuthError(reply: FastifyReply, error: OAuthError): FastifyReply {
  if (error.code === 'invalid_client') reply.header('www-authenticate', 'Basic realm="grantkeeper"');
  return reply
    .code(error.status)
    .headers({ ...neverCached, ...error.headers })
    .header('content-type', contentType)
    .send(JSON.stringify({ error: error.code, error_description: asDescription(error.message) }));
}

/** In the characters that RFC 6749 §5.2 allows: printable ASCII without quotes and backslashes. */
function asDescription(text: string): string {
  return text.replaceAll('"', "'").replaceAll(/[^\x20-\x5b\x5d-\x7e]/g, '?');
}
