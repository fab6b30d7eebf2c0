import type { FailureCode } from '#provider-kit';
import type { SpokenError } from './error-dialects.js';
import type { ProviderDialect } from './token-response-profile.js';

/** RFC 6749 §5.2, RFC 8707 §2, OpenID CIBA Core §11, and the codes that CAMARA uses on its token endpoints. */
const sharedErrorCodes: Readonly<Record<string, FailureCode>> = {
  invalid_client: 'invalid_client',
  unauthorized_client: 'unauthorized_client',
  invalid_scope: 'invalid_scope',
  unsupported_grant_type: 'unsupported_grant_type',
  invalid_request: 'invalid_request',
  invalid_target: 'invalid_target',
  invalid_grant: 'invalid_grant',
  access_denied: 'access_denied',
  expired_token: 'expired_token',
  temporarily_unavailable: 'temporarily_unavailable',
  server_error: 'server_error',
  slow_down: 'rate_limited',
  UNAUTHENTICATED: 'invalid_client',
  PERMISSION_DENIED: 'unauthorized_client',
  INVALID_ARGUMENT: 'invalid_request',
};

/**
 * The status goes before the words where it speaks of the server (429, 5xx): an `invalid_grant` in a 500 must not
 * end a grant. Below that the words decide, and the status only where there are none we know.
 */
export function classifyFailure(
  status: number,
  error: SpokenError | undefined,
  dialect: ProviderDialect,
): FailureCode {
  const known = dialect.statusCodes?.[status];
  if (known !== undefined) return known;
  if (status === 429) return 'rate_limited';
  if (status === 503) return 'temporarily_unavailable';
  if (status >= 500 && status < 600) return 'server_error';
  const named = codeOf(error?.code, dialect);
  if (status >= 200 && status < 300) {
    if (!error) return 'malformed_response';
    return (
      named ?? (error.status === undefined ? 'server_error' : classifyFailure(error.status, error, dialect))
    );
  }
  if (status >= 300 && status < 400) return 'redirect_refused';
  if (status < 400 || status >= 600) return 'malformed_response';
  if (named) return named;
  if (status === 401) return 'invalid_client';
  if (status === 403) return 'permission_denied';
  // RFC 9110 §15.5.9: the server gave up waiting, and says nothing of what it had read.
  return status === 408 ? 'upstream_timeout' : 'invalid_request';
}

function codeOf(code: string | undefined, dialect: ProviderDialect): FailureCode | undefined {
  if (code === undefined) return undefined;
  for (const table of [dialect.errorCodes ?? {}, sharedErrorCodes]) {
    if (Object.hasOwn(table, code)) return table[code];
  }
  return undefined;
}
