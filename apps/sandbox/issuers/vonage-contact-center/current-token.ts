import { randomBytes } from 'node:crypto';
import { jsonReply } from '../../oauth/replies.js';
import type { Desk } from '../desk.js';
import type { ProviderReply, ProviderRequest } from '../issuer.js';
import { authenticate, invalidRequest } from './account-key.js';

const LIFETIME_SECONDS = 7200;

/** `POST /Auth/connect/token`, the current generation: an identity server that insists on a scope. */
export function currentToken(request: ProviderRequest, desk: Desk): ProviderReply {
  const { form } = request;
  const grantType = form?.get('grant_type');
  if (form === undefined || form.repeated || grantType === undefined) return invalidRequest();
  const authentication = authenticate(request, desk);
  if ('refusal' in authentication) return authentication.refusal;
  if (grantType !== 'client_credentials') return jsonReply(400, { error: 'unsupported_grant_type' });
  const scope = form.get('scope');
  if (scope === undefined) return jsonReply(400, { error: 'invalid_scope' });
  const issued = desk.issue({
    client: authentication.client,
    grantType,
    scope,
    token: randomBytes(32).toString('base64url'),
    vendorLifetimeSeconds: LIFETIME_SECONDS,
  });
  return jsonReply(200, {
    access_token: issued.token,
    expires_in: issued.expiresIn,
    token_type: 'Bearer',
    scope,
  });
}
