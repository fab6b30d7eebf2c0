import { type GrantType, grantTraits, type TokenGrant } from '#provider-kit';
import type { ClaimedConnection, TokenContents } from '#vault';

type RenewableConnection = Pick<ClaimedConnection, 'grant' | 'requestedScope' | 'token' | 'pending'>;

/**
 * The grants that the next attempt of a connection may send, best first: a one-time credential that waits to be exchanged, and
 * nothing else then; the client credentials, whatever came with them (RFC 6749 §4.4.3); the refresh token, and a kept
 * password where that has died.
 */
export function grantsInOrder(connection: RenewableConnection): readonly TokenGrant[] {
  if (connection.pending) return [connection.pending.grant];
  const { refreshToken, password } = connection.token ?? {};
  const scope = connection.requestedScope === null ? {} : { scope: connection.requestedScope };
  if (grantTraits[connection.grant].owner === 'client') return [{ type: 'client_credentials', ...scope }];
  return [
    ...(refreshToken ? [{ type: 'refresh_token', refreshToken } as const] : []),
    ...(password ? [{ type: 'password', ...password, ...scope } as const] : []),
  ];
}

/** Whether the tokens can be renewed without asking anybody. */
export function isRenewable(
  grant: GrantType,
  contents: Pick<TokenContents, 'refreshToken' | 'password'>,
): boolean {
  return (
    contents.refreshToken !== null || contents.password !== undefined || grantTraits[grant].owner === 'client'
  );
}
