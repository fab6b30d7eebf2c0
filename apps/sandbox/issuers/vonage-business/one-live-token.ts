import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type { JsonMembers } from '../../json.js';
import { jsonReply } from '../../oauth/replies.js';
import type { Grant, RefreshToken } from '../../world/grants.js';
import type { Client, Desk } from '../desk.js';
import type { ProviderReply } from '../issuer.js';
import type { vonageBusinessSwitches } from './vonage-business.switches.js';

const LIFETIME_SECONDS = 86_400;

export interface TokenOrder {
  readonly client: Client;
  readonly grantType: string;
  readonly user: string;
  readonly scope: string;
}

type Switches = z.output<typeof vonageBusinessSwitches>;

/**
 * A token for code or password, under the server's rule of one live token per (client, user, scope): who asks
 * again gets the same one with the remaining lifetime, or a new one that kills it and its refresh token.
 */
export function obtain(
  order: TokenOrder,
  desk: Desk,
  switches: Switches,
): { grant: Grant; reply: ProviderReply } {
  const { client, user, scope } = order;
  const facts = { provider: desk.provider, clientId: client.clientId, user, scope };
  const former = desk.grants.list(facts).filter(({ revokedBecause }) => revokedBecause === undefined);
  if (switches.asking_again === 'same') {
    for (const grant of former) {
      const reply = sameAgain(grant, desk);
      if (reply !== undefined) return { grant, reply };
    }
  }
  for (const grant of former) desk.grants.revoke(grant, 'asked again');
  const grant = desk.grants.open(facts);
  const refreshToken = desk.grants.addRefreshToken(grant, switches.refresh_token_seconds);
  return { grant, reply: issue(order, grant, refreshToken.token, desk) };
}

/** A fresh access token; `refreshToken` as the answer is to show it. */
export function issue(
  order: Omit<TokenOrder, 'user'>,
  grant: Grant,
  refreshToken: string | undefined,
  desk: Desk,
  headers: Readonly<Record<string, string>> = {},
): ProviderReply {
  const issued = desk.issue({
    ...order,
    grant,
    token: randomBytes(48).toString('base64url'),
    vendorLifetimeSeconds: LIFETIME_SECONDS,
  });
  return jsonReply(200, answer(issued.token, refreshToken, order.scope, issued.expiresIn), headers);
}

/** The access token of a grant that still works. */
export function liveTokenOf(grant: Grant, desk: Desk) {
  const verdict = desk.tokens.judge(grant.accessTokens.at(-1) ?? '', desk.provider);
  return verdict.accepted ? verdict.record : undefined;
}

function sameAgain(grant: Grant, desk: Desk): ProviderReply | undefined {
  const live = liveTokenOf(grant, desk);
  if (live === undefined) return undefined;
  const refreshToken = grant.refreshTokens.findLast((one) => isLive(grant, one, desk));
  const leftSeconds = Math.floor((live.expiresAtMs - desk.nowMs()) / 1000);
  return jsonReply(200, answer(live.token, refreshToken?.token, grant.scope, leftSeconds));
}

function isLive(grant: Grant, refreshToken: RefreshToken, desk: Desk): boolean {
  return desk.grants.stateOf(grant, refreshToken) === 'live';
}

/** An ID token comes with `openid` and is worth nothing: not even its parts decode. */
function answer(
  accessToken: string,
  refreshToken: string | undefined,
  scope: string,
  expiresIn: JsonMembers[string],
): JsonMembers {
  return {
    access_token: accessToken,
    refresh_token: refreshToken,
    scope,
    id_token: scope === 'openid' ? `${randomBytes(30).toString('base64url')}..garbage` : undefined,
    token_type: 'Bearer',
    expires_in: expiresIn,
  };
}
