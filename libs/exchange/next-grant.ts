import type { TokenGrant } from '#provider-kit';
import type { ClaimedConnection } from '#vault';

/** What renewing this connection spends: its refresh token, or its client credentials; null when it has neither. */
export function nextGrant(
  connection: Pick<ClaimedConnection, 'grant' | 'requestedScope' | 'token'>,
): TokenGrant | null {
  const refreshToken = connection.token?.refreshToken;
  if (refreshToken) return { type: 'refresh_token', refreshToken };
  if (connection.grant !== 'client_credentials') return null;
  return {
    type: 'client_credentials',
    ...(connection.requestedScope === null ? {} : { scope: connection.requestedScope }),
  };
}
