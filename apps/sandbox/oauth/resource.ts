import type { Desk } from '../issuers/desk.js';
import type { ProviderReply, ProviderRequest } from '../issuers/issuer.js';
import { jsonReply } from './replies.js';

const BEARER = /^Bearer +(\S+)$/i;

/** A door that a live token of this provider opens (RFC 6750 §3: what a refusal looks like). */
export function bearerResource(request: ProviderRequest, desk: Desk): ProviderReply {
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) {
    return jsonReply(401, { message: 'Unauthorized' }, { 'www-authenticate': 'Bearer' });
  }
  if (!desk.accepts(token)) {
    return jsonReply(
      401,
      { message: 'Unauthorized' },
      { 'www-authenticate': 'Bearer error="invalid_token"' },
    );
  }
  return jsonReply(200, { items: [] });
}
