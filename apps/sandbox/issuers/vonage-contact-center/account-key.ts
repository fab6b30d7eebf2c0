import { readRawBasic } from '../../oauth/raw-basic.js';
import { jsonReply } from '../../oauth/replies.js';
import type { Client, Desk } from '../desk.js';
import type { ProviderReply, ProviderRequest } from '../issuer.js';

/** The page, "Invalid Request". */
export function invalidRequest(): ProviderReply {
  return jsonReply(400, { error: 'invalid_request' });
}

/** The page, "Invalid Credentials": the same words whichever of the two was wrong. */
function invalidClient(): ProviderReply {
  return jsonReply(401, {
    error: 'invalid_client',
    error_description: 'The client secret was incorrect.',
  });
}

export type Authentication = { readonly client: Client } | { readonly refusal: ProviderReply };

/**
 * Account key and API authentication token, in HTTP Basic or in the form, never in both.
 *
 * Basic is the raw `id:secret` in base64. A client that form-encodes the two first, as RFC 6749 §2.3.1 wants
 * it, presents another secret as soon as the real one contains `+`, `/` or `=`, and is refused.
 */
export function authenticate(request: ProviderRequest, desk: Desk): Authentication {
  const formId = request.form?.get('client_id');
  const formSecret = request.form?.get('client_secret');
  const basic = readRawBasic(request.headers.authorization);
  const inForm = formId !== undefined || formSecret !== undefined;

  if (basic === 'malformed') return { refusal: inForm ? invalidRequest() : invalidClient() };
  if (basic === 'absent') {
    if (formId === undefined || formSecret === undefined) return { refusal: invalidRequest() };
    return check(desk.client(formId), formSecret);
  }
  return inForm ? { refusal: invalidRequest() } : check(desk.client(basic.id), basic.secret);
}

function check(client: Client | undefined, secret: string): Authentication {
  return client?.secrets.includes(secret) ? { client } : { refusal: invalidClient() };
}
