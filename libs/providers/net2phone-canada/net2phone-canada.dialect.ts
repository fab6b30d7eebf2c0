import type { ProviderDialect } from '#oauth-http';

/** Errors are plain RFC 6749 §5.2, as far as known. */
export const dialect: ProviderDialect = {
  /** Vendor page: "valid for 1 hour", and 3599 in its example. `expires` is a naive date and is not looked at. */
  assumedLifetimeSeconds: 3599,
};
