import { DEFAULT_INTERVAL_SECONDS } from '../../oauth/poll-backchannel.js';
import { jsonReply } from '../../oauth/replies.js';
import type { Desk } from '../desk.js';
import type { ProviderReply, ProviderRequest } from '../issuer.js';
import { authenticate } from './client-authentication.js';
import { genericOauth2Switches } from './generic-oauth2.switches.js';

/** CIBA Core §7.1: `openid` is required, and exactly one hint, of which only `login_hint` is known here. */
export function bcAuthorize(request: ProviderRequest, desk: Desk): ProviderReply {
  const { form } = request;
  if (form === undefined || form.repeated) return jsonReply(400, { error: 'invalid_request' });
  const authentication = authenticate(request, desk);
  if ('refusal' in authentication) return authentication.refusal;
  const hint = form.get('login_hint');
  if (hint === undefined) return jsonReply(400, { error: 'invalid_request' });
  const scope = form.get('scope') ?? '';
  if (!scope.split(' ').includes('openid')) return jsonReply(400, { error: 'invalid_scope' });

  const switches = desk.switches(genericOauth2Switches);
  const { authReqId } = desk.backchannel.open({
    provider: desk.provider,
    clientId: authentication.client.clientId,
    user: hint.startsWith('tel:') ? hint.slice('tel:'.length) : hint,
    scope,
    intervalSeconds: switches.ciba_interval ?? DEFAULT_INTERVAL_SECONDS,
    lifetimeSeconds: switches.ciba_expires_in,
  });
  return jsonReply(200, {
    auth_req_id: authReqId,
    expires_in: switches.ciba_expires_in,
    interval: switches.ciba_interval ?? undefined,
  });
}
