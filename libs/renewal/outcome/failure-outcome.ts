import type { Claim, ClaimedConnection, ConnectionStatus } from '#vault';
import { isRenewable } from '../request/grants-in-order.js';
import type { RenewalFailure } from './renewal-failure.js';

type FailedConnection = Pick<ClaimedConnection, 'status' | 'grant' | 'pending' | 'token'>;

/**
 * Whether a failed new authorisation leaves a grant behind that can still be renewed. It must then fall due again: what
 * waited to be exchanged had taken the place of its due time.
 */
export function grantSurvives(
  failure: Pick<RenewalFailure, 'class'>,
  connection: FailedConnection | null,
): boolean {
  if (failure.class !== 'terminal' || !connection?.pending || !connection.token) return false;
  return !hasEnded(connection) && isRenewable(connection.grant, connection.token);
}

/**
 * The connection's status after a failure. A first attempt leaves it pending until it cannot succeed any more; a
 * failed new authorisation takes nothing from a grant that lives, and gives nothing back to one that has ended; any
 * other failure makes the connection `degraded`, unless the grant has ended.
 */
export function statusAfter(
  failure: Pick<RenewalFailure, 'class'>,
  claim: Pick<Claim, 'generation'>,
  connection: FailedConnection | null,
): ConnectionStatus {
  if (connection && claim.generation > 0 && hasEnded(connection)) return connection.status;
  if (failure.class === 'terminal') {
    return connection && grantSurvives(failure, connection) ? connection.status : 'reauthorization_required';
  }
  return claim.generation === 0 ? 'pending' : 'degraded';
}

export function hasEnded({ status }: Pick<FailedConnection, 'status'>): boolean {
  return status === 'reauthorization_required';
}
