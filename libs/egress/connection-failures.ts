import type { FailureCode } from '#provider-kit';

/** X.509 verdicts of OpenSSL on the chain: nobody we trust has signed it. */
const untrusted = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'INVALID_CA',
]);

/** The same on the certificate itself: over, not begun, revoked, or for another name. */
const invalid = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'INVALID_PURPOSE',
  'HOSTNAME_MISMATCH',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Why there was no connection, from the code of a system error. */
export function connectionFailure(code: string | undefined): FailureCode {
  if (code === undefined) return 'upstream_unreachable';
  if (untrusted.has(code)) return 'certificate_not_trusted';
  if (invalid.has(code)) return 'certificate_not_valid';
  // EAI_AGAIN: no name server has answered, as on a host without any.
  if (code === 'ENOTFOUND' || code === 'ENODATA' || code === 'EAI_AGAIN') return 'host_not_found';
  if (code === 'ECONNREFUSED') return 'connection_refused';
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'connection_reset';
  return /^(?:ERR_SSL_|ERR_TLS_|EPROTO$)/.test(code) ? 'tls_failed' : 'upstream_unreachable';
}
