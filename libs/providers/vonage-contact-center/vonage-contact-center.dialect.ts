import type { ProviderDialect } from '#oauth-http';

export const dialect: ProviderDialect = {
  /**
   * The vendor's page says one hour in its prose and 300 in its example; the current generation is known to say
   * 7200. Only an answer that names no lifetime falls back on this: of the two documented ones the shorter, since a
   * token renewed early costs one request and a token served dead costs the caller's.
   */
  assumedLifetimeSeconds: 300,
  /** The current generation reports its own breakdowns in the place of an OAuth code, whatever the status. */
  errorCodes: { 'Internal Server Error': 'server_error' },
};
