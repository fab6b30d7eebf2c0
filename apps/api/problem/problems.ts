/** Every problem the API can answer with: one list, one code each, stable for callers. */
export const problems = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'No valid key' },
  forbidden: { status: 403, title: 'Not allowed' },
  reauthentication_required: { status: 403, title: 'Sign in again for this' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'Conflict' },
  reauthorization_required: { status: 409, title: 'The connection must be authorised again' },
  authorization_pending: { status: 409, title: 'The connection is not authorised yet' },
  connection_paused: { status: 409, title: 'The connection is paused' },
  account_mismatch: { status: 409, title: 'Another account has consented than before' },
  payload_too_large: { status: 413, title: 'The request body is too large' },
  uri_too_long: { status: 414, title: 'The address is too long' },
  unsupported_media_type: { status: 415, title: 'Unsupported content type' },
  provider_rejected: { status: 422, title: 'The provider refused' },
  rate_limited: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The request headers are too large' },
  internal: { status: 500, title: 'Internal error' },
  provider_unavailable: { status: 503, title: 'The provider cannot be reached' },
  unavailable: { status: 503, title: 'Not available at the moment' },
} as const;

export type ProblemCode = keyof typeof problems;
