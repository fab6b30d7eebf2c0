import type { FailureCode } from './failure-codes.js';

/** Codes that say something of the provider's server, not of the one request. */
export const breakdownCodes: ReadonlySet<string> = new Set<FailureCode>([
  'upstream_unreachable',
  'host_not_found',
  'connection_refused',
  'certificate_not_trusted',
  'certificate_not_valid',
  'tls_failed',
  'upstream_timeout',
  'connection_dropped',
  'connection_reset',
  'server_error',
  'temporarily_unavailable',
]);

/** Codes that end a renewal before the provider is asked for tokens. */
export const notAskedCodes: ReadonlySet<string> = new Set<FailureCode>([
  'journal_unavailable',
  'key_service_unavailable',
  'secret_unreadable',
  'not_renewable',
  'internal_error',
  'egress_refused',
  'discovery_failed',
]);
