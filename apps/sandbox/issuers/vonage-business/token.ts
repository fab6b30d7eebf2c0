import type { Desk } from '../desk.js';
import type { ProviderReply, ProviderRequest } from '../issuer.js';
import { code } from './code.js';
import { authenticate } from './consumer-key.js';
import { invalidRequest, wso2Error } from './errors.js';
import { password } from './password.js';
import { refresh } from './refresh.js';
import { vonageBusinessSwitches } from './vonage-business.switches.js';

/** One function a grant, and where the page puts the client for it. */
const GRANTS = {
  authorization_code: { place: 'basic', handle: code },
  password: { place: 'body', handle: password },
  refresh_token: { place: 'body', handle: refresh },
} as const;

/** `POST /token`, vendor page "Authenticating to the Vonage Business Communications APIs". */
export function token(request: ProviderRequest, desk: Desk): ProviderReply {
  const { form } = request;
  const grantType = form?.get('grant_type');
  if (form === undefined || form.repeated || grantType === undefined) {
    return invalidRequest('Missing grant_type parameter value');
  }
  if (!isKnown(grantType)) return wso2Error(400, 'unsupported_grant_type', 'Unsupported grant_type value');
  const { place, handle } = GRANTS[grantType];
  const authentication = authenticate(request, desk, place);
  if ('refusal' in authentication) return authentication.refusal;
  const switches = desk.switches(vonageBusinessSwitches);
  if (switches.refused_grant_types.includes(grantType)) {
    const description = 'The authenticated client is not authorized to use this authorization grant type';
    return wso2Error(400, 'unauthorized_client', description);
  }
  return handle(form, authentication.client, desk, switches);
}

function isKnown(grantType: string): grantType is keyof typeof GRANTS {
  return Object.hasOwn(GRANTS, grantType);
}
