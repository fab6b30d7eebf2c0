import type { z } from 'zod';
import type { Grant, RefreshToken } from '../../world/grants.js';
import type { Desk } from '../desk.js';
import type { genericOauth2Switches } from './generic-oauth2.switches.js';

type Switches = z.output<typeof genericOauth2Switches>;

export type Spent =
  | { readonly refused: true }
  /** Absent: the one that was spent stays good. */
  | { readonly next: RefreshToken | undefined };

/** Spends a refresh token the way the rotation mode has it (RFC 9700 §4.14.2 for `strict`). */
export function spend(grant: Grant, presented: RefreshToken, desk: Desk, switches: Switches): Spent {
  presented.presented += 1;
  const state = desk.grants.stateOf(grant, presented);
  if (state === 'revoked' || state === 'expired') return { refused: true };
  if (state === 'replaced' && !isStillGood(presented, desk, switches)) {
    if (switches.rotation !== 'confirm_on_use') desk.grants.revoke(grant, 'a refresh token was used again');
    return { refused: true };
  }
  presented.spent += 1;
  if (switches.rotation === 'none') return { next: undefined };
  if (switches.rotation === 'confirm_on_use') replaceForebears(grant, presented, desk);
  else presented.replacedAtMs ??= desk.nowMs();
  return { next: desk.grants.addRefreshToken(grant, switches.refresh_token_seconds, presented) };
}

function isStillGood(presented: RefreshToken, desk: Desk, { rotation, grace_seconds }: Switches): boolean {
  if (rotation !== 'grace' || presented.replacedAtMs === undefined) return false;
  return desk.nowMs() < Math.min(presented.replacedAtMs + grace_seconds * 1000, presented.expiresAtMs);
}

/**
 * The use of a token proves that its client has it: the one it came from is not needed any more, nor are the
 * others that came from that one, whose answers may have been lost.
 */
function replaceForebears(grant: Grant, used: RefreshToken, desk: Desk): void {
  const { parent } = used;
  if (parent === undefined) return;
  for (const token of grant.refreshTokens) {
    const forebear = token === parent || (token.parent === parent && token !== used);
    if (forebear) token.replacedAtMs ??= desk.nowMs();
  }
}
