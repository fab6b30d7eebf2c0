import type { ProviderDialect } from '#oauth-http';

/** No deviations beyond the shared ones. No documented lifetime either: an answer without `expires_in` is refused. */
export const dialect: ProviderDialect = { assumedLifetimeSeconds: null };
