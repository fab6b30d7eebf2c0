import type { z } from 'zod';
import type { FormBody } from '../../oauth/form-body.js';
import type { Client, Desk } from '../desk.js';
import type { ProviderReply } from '../issuer.js';
import { invalidGrant, invalidRequest } from './errors.js';
import { obtain } from './one-live-token.js';
import type { vonageBusinessSwitches } from './vonage-business.switches.js';

const SUFFIX = '@vbc.prod';

type Switches = z.output<typeof vonageBusinessSwitches>;

/** The password grant of a VBC user, the suffix behind the user name exactly once. */
export function password(form: FormBody, client: Client, desk: Desk, switches: Switches): ProviderReply {
  const username = form.get('username');
  const secret = form.get('password');
  if (username === undefined || secret === undefined) {
    return invalidRequest('Missing parameters: username, password');
  }
  if (form.get('scope') !== 'openid') return invalidRequest('Missing parameters: scope');
  const user = username.endsWith(SUFFIX) ? username.slice(0, -SUFFIX.length) : undefined;
  const person = user === undefined || user.endsWith(SUFFIX) ? undefined : desk.people.find(user);
  if (person?.password === undefined || person.password !== secret) {
    return invalidGrant(`Authentication failed for ${username}`);
  }
  return obtain({ client, grantType: 'password', user: person.id, scope: 'openid' }, desk, switches).reply;
}
