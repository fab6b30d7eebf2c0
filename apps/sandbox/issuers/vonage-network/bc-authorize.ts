import { DEFAULT_INTERVAL_SECONDS } from '../../oauth/poll-backchannel.js';
import { jsonReply } from '../../oauth/replies.js';
import type { Desk } from '../desk.js';
import type { ProviderReply, ProviderRequest } from '../issuer.js';
import { authenticate } from './application-jwt.js';
import { oauthRefusal, PERMISSION_DENIED, refusal, UNSUPPORTED_NETWORK } from './dialects.js';
import { apiScopeOf, isE164, joined } from './scopes.js';
import { vonageNetworkSwitches } from './vonage-network.switches.js';

/** `POST /oauth2/bc-authorize`, vendor page "Network API Authentication". */
export function bcAuthorize(request: ProviderRequest, desk: Desk): ProviderReply {
  const authentication = authenticate(request, desk);
  if ('refusal' in authentication) return authentication.refusal;
  const { form } = request;
  if (form === undefined || form.repeated) return oauthRefusal('invalid_request', 'Not a form');
  if (form.get('client_id') !== undefined || form.get('client_secret') !== undefined) {
    return oauthRefusal('invalid_request', 'The client does not belong into the body');
  }
  const switches = desk.switches(vonageNetworkSwitches);
  const phoneNumber = readHint(form.get('login_hint') ?? '', switches.login_hint_prefix);
  if (phoneNumber === undefined) return oauthRefusal('invalid_request', 'Invalid login_hint');
  const [openid, ...names] = (form.get('scope') ?? '').split(' ');
  const scope = joined(names.join(' '));
  if (openid !== 'openid' || scope === '' || scope.includes(' ')) {
    return oauthRefusal('invalid_scope', 'The scope must be openid and one other');
  }
  if (apiScopeOf(scope) === undefined) return refusal('camara', PERMISSION_DENIED);
  if (desk.people.find(phoneNumber)?.supportedNetwork === false) {
    return refusal('camara', UNSUPPORTED_NETWORK);
  }

  const { authReqId } = desk.backchannel.open({
    provider: desk.provider,
    clientId: authentication.client.clientId,
    user: phoneNumber,
    scope,
    intervalSeconds: switches.ciba_interval ?? DEFAULT_INTERVAL_SECONDS,
    lifetimeSeconds: switches.ciba_expires_in,
  });
  const write = (seconds: number) => (switches.ciba_numbers === 'string' ? String(seconds) : seconds);
  return jsonReply(200, {
    auth_req_id: authReqId,
    expires_in: write(switches.ciba_expires_in),
    interval: switches.ciba_interval === null ? undefined : write(switches.ciba_interval),
  });
}

/** Of CAMARA's other hints nobody here knows a phone: each is a user of its own. */
function readHint(hint: string, wanted: 'tel:' | '' | 'either'): string | undefined {
  if (/^(?:ipport|operatortoken):./.test(hint)) return hint;
  const prefix = wanted === 'either' ? (hint.startsWith('tel:') ? 'tel:' : '') : wanted;
  const phoneNumber = hint.startsWith(prefix) ? hint.slice(prefix.length) : '';
  return isE164(phoneNumber) ? phoneNumber : undefined;
}
