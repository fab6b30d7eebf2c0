import { randomBytes } from 'node:crypto';
import { jsonReply } from '../../oauth/replies.js';
import { LAST_INSTANT_MS } from '../../world/sandbox-clock.js';
import type { Desk } from '../desk.js';
import type { ProviderReply, ProviderRequest } from '../issuer.js';
import { naiveUtc } from './naive-utc.js';

const LIFETIME_SECONDS = 3599;

/** A role of the account, not a list of scopes, in spite of the blank. */
const ROLE = 'Office Manager';

/**
 * `POST /api/oauth/token/`. The page documents no errors; these are the ones RFC 6749 §5.2 names.
 * HTTP Basic is not looked at: the page knows the client in the body only.
 */
export function token(request: ProviderRequest, desk: Desk): ProviderReply {
  const { form } = request;
  const grantType = form?.get('grant_type');
  if (form === undefined || form.repeated || grantType === undefined) {
    return jsonReply(400, { error: 'invalid_request' });
  }
  if (grantType !== 'client_credentials') return jsonReply(400, { error: 'unsupported_grant_type' });
  const client = desk.client(form.get('client_id') ?? '');
  if (client === undefined || !client.secrets.includes(form.get('client_secret') ?? '')) {
    return jsonReply(401, { error: 'invalid_client' });
  }
  const issued = desk.issue({
    client,
    grantType,
    scope: ROLE,
    token: randomBytes(16).toString('hex'),
    vendorLifetimeSeconds: LIFETIME_SECONDS,
  });
  return jsonReply(200, {
    access_token: issued.token,
    scope: ROLE,
    token_type: 'Bearer',
    expires_in: issued.expiresIn,
    expires: naiveUtc(Math.min(issued.expiresAtMs, LAST_INSTANT_MS)),
  });
}
