import type { Desk } from '../issuers/desk.js';
import type { ProviderReply, ProviderRequest } from '../issuers/issuer.js';
import { readBearer } from './bearer.js';
import { jsonReply } from './replies.js';

/** A door that a live token of this provider opens (RFC 6750 §3: what a refusal looks like). */
export function bearerResource(request: ProviderRequest, desk: Desk): ProviderReply {
  const token = readBearer(request.headers.authorization);
  if (token === undefined) {
    return jsonReply(401, { message: 'Unauthorized' }, { 'www-authenticate': 'Bearer' });
  }
  if (!desk.tokens.use(token, desk.provider).accepted) {
    return jsonReply(
      401,
      { message: 'Unauthorized' },
      { 'www-authenticate': 'Bearer error="invalid_token"' },
    );
  }
  return jsonReply(200, { items: [] });
}
