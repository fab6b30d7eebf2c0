import type { Desk } from '../desk.js';
import type { ProviderReply, ProviderRequest } from '../issuer.js';
import { authenticate } from './consumer-key.js';
import { invalidRequest } from './errors.js';

/**
 * `POST /revoke` (RFC 7009). A refresh token takes its grant with it, an access token only itself; what is
 * unknown is answered the same way.
 */
export function revoke(request: ProviderRequest, desk: Desk): ProviderReply {
  const { form } = request;
  const token = form?.get('token');
  if (form === undefined || form.repeated || token === undefined) return invalidRequest('Missing token');
  const authentication = authenticate(request, desk, 'either');
  if ('refusal' in authentication) return authentication.refusal;
  const { clientId } = authentication.client;
  const grant = desk.grants.findByRefreshToken(desk.provider, token)?.grant;
  if (grant?.clientId === clientId) desk.grants.revoke(grant, 'revoked by the client');
  const { record } = desk.tokens.judge(token, desk.provider);
  if (record?.provider === desk.provider && record.clientId === clientId) record.revoked = true;
  return { status: 200, headers: { 'content-type': 'text/html' }, body: '' };
}
