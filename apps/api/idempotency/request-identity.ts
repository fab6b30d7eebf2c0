import { createHmac } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { bearerOf, type Principal, type TenantRef } from '#access';
import type { IdempotentRequest } from '#vault';
import { invalidField } from '../problem/problem.js';

const header = 'idempotency-key';

/**
 * Tells one request from another under the same `Idempotency-Key`; undefined when the request names none. The
 * body may hold a password, so its hash is keyed with the caller's own key or session, which is stored nowhere.
 * @throws Problem `invalid_request` for a key that is not 1 to 255 printable characters
 */
export function requestIdentity(
  request: FastifyRequest & { user?: Principal; tenant?: TenantRef },
): IdempotentRequest | undefined {
  const key = request.headers[header];
  if (key === undefined || !request.user) return undefined;
  if (typeof key !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(key)) {
    throw invalidField('Idempotency-Key', 'must be 1 to 255 printable ASCII characters');
  }
  const [path = ''] = request.url.split('?', 1);
  return {
    tenantId: request.tenant?.id ?? null,
    caller: request.user.callerId,
    route: `${request.method} ${path}`,
    key,
    requestHash: createHmac('sha256', bearerOf(request.headers.authorization) ?? request.headers.cookie ?? '')
      .update(JSON.stringify([request.method, request.url, request.body ?? null]))
      .digest(),
  };
}
