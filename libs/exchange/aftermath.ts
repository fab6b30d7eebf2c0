import type { TokenGrant } from '#provider-kit';
import type { Claim, ClaimedConnection, ConnectionStatus } from '#vault';
import type { ExchangeFailure } from './exchange-failure.js';
import { isRenewable } from './next-grant.js';

/**
 * What a failure means for the very credential that was sent. A code whose fate is unknown must not be sent again:
 * a server that has seen it may revoke what it gave for it (RFC 6749 §4.1.2).
 */
export function judged(failure: ExchangeFailure, grant: TokenGrant): ExchangeFailure {
  return grant.type === 'authorization_code' && failure.class === 'unknown'
    ? { ...failure, class: 'terminal' }
    : failure;
}

/**
 * The connection's status after a failure. A first exchange leaves it pending until it cannot succeed any more; a
 * failed new authorisation takes nothing from a grant that lives; anything else costs it only its good name, unless
 * the grant is gone.
 */
export function statusAfter(
  failure: ExchangeFailure,
  claim: Claim,
  connection: ClaimedConnection | null,
): ConnectionStatus {
  if (failure.class === 'terminal') {
    const lives = connection?.pending && connection.token && isRenewable(connection.grant, connection.token);
    return lives ? connection.status : 'reauthorization_required';
  }
  return claim.generation === 0 ? 'pending' : 'degraded';
}
