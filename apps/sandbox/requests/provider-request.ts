import type { FastifyRequest } from 'fastify';
import type { ProviderRequest } from '../issuers/issuer.js';
import { readForm } from '../oauth/form-body.js';

/** The path is kept as sent: decoding it would hide a client that encodes it wrongly. */
export function readProviderRequest(request: FastifyRequest): ProviderRequest {
  const url = request.raw.url ?? '/';
  const mark = url.indexOf('?');
  const body = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '';
  return {
    method: request.method,
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    origin: `${request.protocol}://${request.host}`,
    headers: request.headers,
    body,
    form: readForm(request.headers['content-type'], body),
  };
}

/** Names and values in the order and the case they were sent in. */
export function rawHeaderPairs(rawHeaders: readonly string[]): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    pairs.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  }
  return pairs;
}
