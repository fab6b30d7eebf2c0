import type { ProviderDialect } from '#oauth-http';

/**
 * Three dialects, by endpoint and by mood: OAuth, problem details, and CAMARA's `{status, code, message}`. The shared
 * reader tells them apart; here is what their words mean with this provider.
 */
export const dialect: ProviderDialect = {
  /**
   * Every answer seen names a lifetime, between 29 s and an hour, and no page names one. The shortest: a token
   * thought dead too early costs one request, one thought alive too long costs the caller's.
   */
  assumedLifetimeSeconds: 29,
  errorCodes: {
    PERMISSION_DENIED: 'permission_denied',
    INVALID_TOKEN_CONTEXT: 'permission_denied',
    NOT_FOUND: 'not_supported',
    IDENTIFIER_NOT_FOUND: 'not_supported',
    UNSUPPORTED_IDENTIFIER: 'not_supported',
    SERVICE_NOT_APPLICABLE: 'not_supported',
    unknown_user_id: 'not_supported',
    OUT_OF_RANGE: 'invalid_request',
    TOO_MANY_REQUESTS: 'rate_limited',
    QUOTA_EXCEEDED: 'rate_limited',
    UNAVAILABLE: 'temporarily_unavailable',
    INTERNAL: 'server_error',
  },
};

/** Where a number is asked about, 404 says that its network does not take part. */
export const numberDialect: ProviderDialect = { ...dialect, statusCodes: { 404: 'not_supported' } };
