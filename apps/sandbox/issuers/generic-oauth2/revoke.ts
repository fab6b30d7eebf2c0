import { jsonReply } from '../../oauth/replies.js';
import type { Desk } from '../desk.js';
import type { ProviderReply, ProviderRequest } from '../issuer.js';
import { authenticate } from './client-authentication.js';

/** RFC 7009 §2.2: a token nobody knows is revoked as successfully as any; a refresh token takes its family along. */
export function revoke(request: ProviderRequest, desk: Desk): ProviderReply {
  const { form } = request;
  const token = form?.get('token');
  if (form === undefined || form.repeated || token === undefined) {
    return jsonReply(400, { error: 'invalid_request' });
  }
  const authentication = authenticate(request, desk);
  if ('refusal' in authentication) return authentication.refusal;
  const { clientId } = authentication.client;
  const grant = desk.grants.findByRefreshToken(desk.provider, token)?.grant;
  if (grant?.clientId === clientId) desk.grants.revoke(grant, 'revoked by the client');
  const { record } = desk.tokens.judge(token, desk.provider);
  if (record?.provider === desk.provider && record.clientId === clientId) record.revoked = true;
  return { status: 200, headers: {}, body: '' };
}
