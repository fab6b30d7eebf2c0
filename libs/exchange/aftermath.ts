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

type Stricken = Pick<ClaimedConnection, 'status' | 'grant' | 'pending' | 'token'>;

/**
 * Whether a failed new authorisation leaves a grant behind that can still be renewed. It must then fall due again: what
 * waited to be exchanged had taken the place of its due time.
 */
export function outlives(failure: Pick<ExchangeFailure, 'class'>, connection: Stricken | null): boolean {
  if (failure.class !== 'terminal' || !connection?.pending || !connection.token) return false;
  return !hasEnded(connection) && isRenewable(connection.grant, connection.token);
}

/**
 * The connection's status after a failure. A first exchange leaves it pending until it cannot succeed any more; a
 * failed new authorisation takes nothing from a grant that lives, and gives nothing back to one that has ended; anything
 * else costs it only its good name, unless the grant is gone.
 */
export function statusAfter(
  failure: Pick<ExchangeFailure, 'class'>,
  claim: Pick<Claim, 'generation'>,
  connection: Stricken | null,
): ConnectionStatus {
  if (connection && claim.generation > 0 && hasEnded(connection)) return connection.status;
  if (failure.class === 'terminal') {
    return connection && outlives(failure, connection) ? connection.status : 'reauthorization_required';
  }
  return claim.generation === 0 ? 'pending' : 'degraded';
}

function hasEnded({ status }: Pick<Stricken, 'status'>): boolean {
  return status === 'reauthorization_required';
}
