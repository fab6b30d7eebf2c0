import { randomBytes } from 'node:crypto';
import { jsonReply } from '../../oauth/replies.js';
import type { Desk } from '../desk.js';
import type { ProviderReply, ProviderRequest } from '../issuer.js';
import { authenticate, invalidRequest } from './account-key.js';

/** The page says one hour in prose and 300 in the example; the example is what is on the wire. */
const LIFETIME_SECONDS = 300;

/** `POST /v{n}/oauth2/token`. The page knows two errors, so every ill-formed request gets the first. */
export function legacyToken(request: ProviderRequest, desk: Desk): ProviderReply {
  const { form } = request;
  if (form === undefined || form.repeated || form.get('grant_type') !== 'client_credentials') {
    return invalidRequest();
  }
  const authentication = authenticate(request, desk);
  if ('refusal' in authentication) return authentication.refusal;
  const issued = desk.issue({
    client: authentication.client,
    grantType: 'client_credentials',
    token: randomBytes(20).toString('hex'),
    vendorLifetimeSeconds: LIFETIME_SECONDS,
  });
  return jsonReply(200, {
    access_token: issued.token,
    token_type: 'bearer',
    expires_in: issued.expiresIn,
  });
}
