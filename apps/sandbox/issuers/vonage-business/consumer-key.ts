import { readRawBasic } from '../../oauth/raw-basic.js';
import type { Client, Desk } from '../desk.js';
import type { ProviderReply, ProviderRequest } from '../issuer.js';
import { invalidRequest, wso2Error } from './errors.js';

export type Authentication = { readonly client: Client } | { readonly refusal: ProviderReply };

/**
 * Consumer key and secret, in HTTP Basic or in the body, never in both. Each grant of the vendor page has one
 * place for them; that the other is refused is stricter than the vendor may be.
 */
export function authenticate(
  request: ProviderRequest,
  desk: Desk,
  place: 'basic' | 'body' | 'either',
): Authentication {
  const basic = readRawBasic(request.headers.authorization);
  const id = request.form?.get('client_id');
  const secret = request.form?.get('client_secret');
  const inBody = id !== undefined || secret !== undefined;
  if (basic !== 'absent' && inBody) {
    return { refusal: invalidRequest('The client MUST NOT use more than one authentication method') };
  }
  if (basic === 'absent') return place === 'basic' ? missing() : check(id, secret, desk);
  if (basic === 'malformed' || place === 'body') return missing();
  return check(basic.id, basic.secret, desk);
}

function missing(): Authentication {
  return { refusal: wso2Error(401, 'invalid_client', 'Client Authentication failed.') };
}

function check(id: string | undefined, secret: string | undefined, desk: Desk): Authentication {
  const client = desk.client(id ?? '');
  if (client === undefined) {
    // The vendor's server echoes the id, so a log of this text holds it.
    const description = `A valid OAuth client could not be found for client_id: ${id ?? ''}`;
    return { refusal: wso2Error(401, 'invalid_client', description) };
  }
  return secret !== undefined && client.secrets.includes(secret) ? { client } : missing();
}
