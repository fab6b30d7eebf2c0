import { grantTraits, type TokenGrant, type TokenSet } from '#provider-kit';
import type { ClaimedConnection, TokenContents } from '#vault';

type Before = Pick<ClaimedConnection, 'pending' | 'token' | 'scope' | 'requestedScope'>;

/** The token contents to store: those of the answer, and the refresh token before where the answer has none. */
export function contentsAfter(tokens: TokenSet, connection: Before, grant: TokenGrant): TokenContents {
  // A refresh token that was not renewed stays in use; one of an authorisation that has been replaced does not.
  const refreshTokenBefore = 'refreshToken' in grant ? grant.refreshToken : null;
  return {
    accessToken: tokens.accessToken,
    tokenType: tokens.tokenType,
    scope: tokens.scope ?? connection.scope ?? connection.requestedScope,
    refreshToken: grantTraits[grant.type].keepsRefreshToken
      ? (tokens.refreshToken ?? refreshTokenBefore)
      : null,
    ...passwordAfter(connection, grant),
  };
}

/** The password to keep: the one just sent where the admin asked for it, or the one that is kept already. */
export function passwordAfter(
  connection: Pick<Before, 'pending' | 'token'>,
  grant: TokenGrant,
): Pick<TokenContents, 'password'> {
  const kept =
    connection.pending?.keepPassword && 'password' in grant
      ? { username: grant.username, password: grant.password }
      : connection.token?.password;
  return kept ? { password: kept } : {};
}
