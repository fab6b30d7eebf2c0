import type { z } from 'zod';
import type { FormBody } from '../../oauth/form-body.js';
import type { Grant, RefreshToken } from '../../world/grants.js';
import type { Client, Desk } from '../desk.js';
import type { ProviderReply } from '../issuer.js';
import { invalidGrant, invalidRequest, wso2Error } from './errors.js';
import { issue, liveTokenOf } from './one-live-token.js';
import type { vonageBusinessSwitches } from './vonage-business.switches.js';

type Switches = z.output<typeof vonageBusinessSwitches>;

const UNKNOWN = 'Persisted access token data not found';

/**
 * Kills the former access token and names it in a response header. Of two refreshes with one token whose
 * times overlap the later gets a 500, which says nothing about what became of the token.
 */
export function refresh(form: FormBody, client: Client, desk: Desk, switches: Switches): ProviderReply {
  const presented = form.get('refresh_token');
  if (presented === undefined) return invalidRequest('Missing parameters: refresh_token');
  const found = desk.grants.findByRefreshToken(desk.provider, presented);
  if (found === undefined || found.grant.clientId !== client.clientId) return invalidGrant(UNKNOWN);
  const { grant, refreshToken } = found;
  refreshToken.presented += 1;
  if ((refreshToken.answeredAtMs ?? -Infinity) > desk.arrivedAtMs) {
    return wso2Error(500, 'server_error', 'Internal Server Error.');
  }
  const state = desk.grants.stateOf(grant, refreshToken);
  if (state === 'expired') return invalidGrant('Refresh token is expired.');
  if (state !== 'live') return invalidGrant(UNKNOWN);

  refreshToken.spent += 1;
  refreshToken.answeredAtMs = Infinity;
  desk.afterAnswer(() => {
    refreshToken.answeredAtMs = desk.nowMs();
  });
  const former = liveTokenOf(grant, desk);
  if (former !== undefined) former.revoked = true;
  const next = succeed(grant, refreshToken, desk, switches);
  return issue(
    { client, grantType: 'refresh_token', scope: grant.scope },
    grant,
    next,
    desk,
    former === undefined ? {} : { DeactivatedAccessToken: former.token },
  );
}

/** The refresh token the answer shows. */
function succeed(grant: Grant, spent: RefreshToken, desk: Desk, switches: Switches): string | undefined {
  if (switches.refresh_token === 'rotate') {
    spent.replacedAtMs = desk.nowMs();
    return desk.grants.addRefreshToken(grant, switches.refresh_token_seconds, spent).token;
  }
  // Its week counts from the last use.
  spent.expiresAtMs = desk.nowMs() + switches.refresh_token_seconds * 1000;
  return switches.refresh_token === 'same' ? spent.token : undefined;
}
