import { UpstreamError } from '#provider-kit';
import type { CallProgress } from './call-progress.js';
import { connectionFailure } from './connection-failures.js';
import { BodyTooLargeError, MalformedBodyError } from './response-body.js';

/**
 * Names what broke, from how far the call had come rather than from the wording of an error. The original is not
 * kept as a cause: axios errors carry the request, and with it the secrets.
 */
export function toUpstreamError(error: unknown, progress: CallProgress, host: string): UpstreamError {
  if (error instanceof UpstreamError) return error;
  if (progress.egressRefused) return egressRefused(host);
  const sent = progress.requestSent;
  if (progress.signal.aborted) {
    return new UpstreamError('upstream_timeout', sent, `No complete answer from ${host} in time.`);
  }
  const code = systemCode(error);
  const detail = code ? ` (${code})` : '';
  if (!sent) {
    return new UpstreamError(connectionFailure(code), false, `No connection to ${host}${detail}.`);
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new UpstreamError('header_too_large', true, `The headers of ${host} are too large.`);
  }
  if (error instanceof BodyTooLargeError) {
    return new UpstreamError('response_too_large', true, `The answer of ${host} is too large.`);
  }
  if (error instanceof MalformedBodyError || (code && /^HPE_(?!INVALID_EOF)/.test(code))) {
    return new UpstreamError('malformed_response', true, `The answer of ${host} cannot be decoded${detail}.`);
  }
  if (code === 'EPIPE' || (code === 'ECONNRESET' && isSystemError(error))) {
    return new UpstreamError('connection_reset', true, `${host} reset the connection.`);
  }
  return new UpstreamError('connection_dropped', true, `${host} dropped the connection${detail}.`);
}

export function egressRefused(host: string): UpstreamError {
  return new UpstreamError('egress_refused', false, `Calls to ${host} are not allowed.`);
}

function systemCode(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : undefined;
}

/** Whether the system has said it: Node gives the same code to a connection that ended without an answer. */
function isSystemError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  return 'syscall' in error || ('cause' in error && isSystemError(error.cause));
}
