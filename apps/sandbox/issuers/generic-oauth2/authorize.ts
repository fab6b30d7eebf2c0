import { beginConsent } from '../../oauth/authorization-request.js';
import type { FormBody } from '../../oauth/form-body.js';
import type { Consent } from '../../world/consents.js';
import type { Client, Desk } from '../desk.js';
import type { ProviderReply, ProviderRequest } from '../issuer.js';
import { ISSUER_PATH } from './endpoints.js';
import { genericOauth2Switches } from './generic-oauth2.switches.js';

/** RFC 7636 §4.2: 32 bytes of SHA-256 in base64url. */
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

/** `GET /generic/authorize`, with PKCE (RFC 7636) and `iss` in the callback (RFC 9207). */
export function authorize(request: ProviderRequest, desk: Desk): Consent | ProviderReply {
  const switches = desk.switches(genericOauth2Switches);
  return beginConsent(request, desk, {
    switches,
    callbackExtras: switches.callback_iss ? { iss: desk.origin + ISSUER_PATH } : {},
    refuse: (query, client) => refuse(query, client, switches.pkce),
  });
}

/** A public client needs PKCE whatever the switch says (RFC 9700 §2.1.1). */
function refuse(query: FormBody, client: Client, pkce: 'required' | 'optional'): string | undefined {
  const challenge = query.get('code_challenge');
  if (challenge === undefined) {
    const isPublic = client.secrets.length === 0 && client.publicKeys.length === 0;
    return pkce === 'required' || isPublic ? 'invalid_request' : undefined;
  }
  const good = query.get('code_challenge_method') === 'S256' && CHALLENGE.test(challenge);
  return good ? undefined : 'invalid_request';
}
