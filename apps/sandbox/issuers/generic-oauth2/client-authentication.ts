import { readRawBasic } from '../../oauth/raw-basic.js';
import { jsonReply } from '../../oauth/replies.js';
import { isSignedBy, readJwt } from '../../oauth/rs256-jwt.js';
import type { Client, Desk } from '../desk.js';
import type { ProviderReply, ProviderRequest } from '../issuer.js';
import { BACKCHANNEL_PATH, ISSUER_PATH, REVOKE_PATH, TOKEN_PATH } from './endpoints.js';

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export type Authentication = { readonly client: Client } | { readonly refusal: ProviderReply };

/** The client a request names by whichever method, believed or not. */
export function namedClient(request: ProviderRequest): string | undefined {
  const basic = readRawBasic(request.headers.authorization);
  if (typeof basic === 'object') return formDecoded(basic.id);
  const subject = readJwt(request.form?.get('client_assertion') ?? '')?.claims['sub'];
  return request.form?.get('client_id') ?? (typeof subject === 'string' ? subject : undefined);
}

/** One method, never two (RFC 6749 §2.3), and for a client with a secret or a key never none. */
export function authenticate(request: ProviderRequest, desk: Desk): Authentication {
  const { form } = request;
  const basic = readRawBasic(request.headers.authorization);
  const secret = form?.get('client_secret');
  const assertion = form?.get('client_assertion');
  const methods = [basic !== 'absent', secret !== undefined, assertion !== undefined].filter(Boolean);
  if (methods.length > 1) return { refusal: jsonReply(400, { error: 'invalid_request' }) };

  const client = desk.client(namedClient(request) ?? '');
  if (client === undefined || basic === 'malformed') return invalidClient();
  if (typeof basic === 'object') return check(client, client.secrets.includes(formDecoded(basic.secret)));
  if (secret !== undefined) return check(client, client.secrets.includes(secret));
  if (assertion !== undefined) {
    const type = form?.get('client_assertion_type');
    return check(client, type === JWT_BEARER && isGoodAssertion(assertion, client, desk));
  }
  return check(client, client.secrets.length === 0 && client.publicKeys.length === 0);
}

/** RFC 7523 §3, and OpenID Connect Core §9: `jti` is required and single use. */
function isGoodAssertion(assertion: string, client: Client, desk: Desk): boolean {
  const jwt = readJwt(assertion);
  if (jwt === undefined || !isSignedBy(jwt, client.publicKeys)) return false;
  const { iss, sub, aud, exp, jti } = jwt.claims;
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  const ours = [ISSUER_PATH, TOKEN_PATH, BACKCHANNEL_PATH, REVOKE_PATH].map((path) => desk.origin + path);
  return (
    iss === client.clientId &&
    sub === client.clientId &&
    audiences.some((audience) => typeof audience === 'string' && ours.includes(audience)) &&
    typeof exp === 'number' &&
    exp > desk.nowMs() / 1000 &&
    typeof jti === 'string' &&
    desk.seenOnce.admit(`${desk.provider} jti ${client.clientId}`, jti)
  );
}

function check(client: Client, good: boolean): Authentication {
  return good ? { client } : invalidClient();
}

function invalidClient(): Authentication {
  const challenge = { 'www-authenticate': 'Basic realm="generic"' };
  return { refusal: jsonReply(401, { error: 'invalid_client' }, challenge) };
}

/** RFC 6749 §2.3.1: in Basic both halves are form-encoded. */
function formDecoded(text: string): string {
  return new URLSearchParams(`x=${text.replaceAll('&', '%26')}`).get('x') ?? '';
}
