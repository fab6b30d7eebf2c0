import type { z } from 'zod';
import type { FormBody } from '../../oauth/form-body.js';
import { redeemCode } from '../../oauth/redeem-code.js';
import type { Client, Desk } from '../desk.js';
import type { ProviderReply } from '../issuer.js';
import { invalidGrant, invalidRequest } from './errors.js';
import { obtain } from './one-live-token.js';
import type { vonageBusinessSwitches } from './vonage-business.switches.js';

/** The scope in the page's example answer to a code that was asked for with `openid`. */
const GRANTED_SCOPE = 'default';

type Switches = z.output<typeof vonageBusinessSwitches>;

export function code(form: FormBody, client: Client, desk: Desk, switches: Switches): ProviderReply {
  if (form.get('code') === undefined || form.get('redirect_uri') === undefined) {
    return invalidRequest('Missing parameters: code, redirect_uri');
  }
  const verdict = redeemCode(form, client, desk);
  if ('refused' in verdict) return invalidGrant('Invalid authorization code received from token request');
  const { user } = verdict.code;
  const order = { client, grantType: 'authorization_code', user, scope: GRANTED_SCOPE };
  return obtain(order, desk, switches).reply;
}
