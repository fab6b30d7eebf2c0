import type { FailureCode } from './failure-codes.js';

/**
 * RFC 6749 §5.2, RFC 8707 §2, OpenID Connect Core §3.1.2.6, OpenID CIBA Core §11, and the codes that CAMARA uses on its
 * token endpoints.
 */
const knownErrorCodes: Readonly<Record<string, FailureCode>> = {
  invalid_client: 'invalid_client',
  unauthorized_client: 'unauthorized_client',
  invalid_scope: 'invalid_scope',
  unsupported_grant_type: 'unsupported_grant_type',
  invalid_request: 'invalid_request',
  invalid_target: 'invalid_target',
  invalid_grant: 'invalid_grant',
  access_denied: 'access_denied',
  expired_token: 'expired_token',
  interaction_required: 'interaction_required',
  consent_required: 'consent_required',
  login_required: 'login_required',
  account_selection_required: 'account_selection_required',
  temporarily_unavailable: 'temporarily_unavailable',
  server_error: 'server_error',
  slow_down: 'rate_limited',
  // Of a grant that is polled; after another the server has misread the request.
  authorization_pending: 'invalid_request',
  unauthenticated: 'invalid_client',
  permission_denied: 'unauthorized_client',
  invalid_argument: 'invalid_request',
  // Phrases that some servers write where the word would be.
  internal_server_error: 'server_error',
  internal_error: 'server_error',
  service_unavailable: 'temporarily_unavailable',
  too_many_requests: 'rate_limited',
  rate_limit_exceeded: 'rate_limited',
};

/** The meaning of a server's word, however it spells the same: `INVALID_GRANT`, `Invalid Grant`, `invalid-grant`. */
export function knownErrorCode(word: string): FailureCode | undefined {
  const spelled = word.toLowerCase().replaceAll(/[ -]/g, '_');
  return Object.hasOwn(knownErrorCodes, spelled) ? knownErrorCodes[spelled] : undefined;
}
