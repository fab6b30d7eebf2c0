import type { ProviderDialect } from '#oauth-http';

/** Errors are RFC 6749 §5.2, the way WSO2's API manager words them. */
export const dialect: ProviderDialect = {
  /** Vendor page: 86400 for a new token, less for one that is handed out again. */
  assumedLifetimeSeconds: 86_400,
};

/**
 * Two refreshes at once with one token make the server break off halfway, so no 5xx there says that nothing happened:
 * not even the one that elsewhere means "not now".
 */
export const refreshDialect: ProviderDialect = { ...dialect, statusCodes: { 503: 'server_error' } };
