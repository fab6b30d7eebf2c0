import { grantTraits, type TokenGrant, type TokenSet } from '#provider-kit';
import type { ClaimedConnection, ConnectionFields, NewAuthorization, TokenContents } from '#vault';
import type { IssuedTokens } from '../request/token-request.js';
import { hasEnded } from './failure-outcome.js';

type Before = Pick<
  ClaimedConnection,
  'pending' | 'token' | 'scope' | 'requestedScope' | 'status' | 'grant' | 'account'
>;

/**
 * The token contents to store: those of the answer, and the refresh token before where the answer has none.
 * @param isOfAnother whether another account has taken the place of the one before
 */
export function contentsAfter(
  { tokens, grant, authorization }: Pick<IssuedTokens, 'tokens' | 'grant' | 'authorization'>,
  connection: Before,
  isOfAnother = false,
): TokenContents {
  return {
    accessToken: tokens.accessToken,
    tokenType: tokens.tokenType,
    scope: tokens.scope ?? scopeBefore(connection, authorization),
    refreshToken: grantTraits[grant.type].keepsRefreshToken
      ? (tokens.refreshToken ?? refreshTokenBefore(connection, grant, authorization, isOfAnother))
      : null,
    ...passwordAfter(connection, grant),
  };
}

/** A server that names no scope has granted what was asked for (RFC 6749 §5.1). */
function scopeBefore(
  { scope, requestedScope }: Before,
  authorization: NewAuthorization | undefined,
): string | null {
  return authorization
    ? (authorization.newScope?.requestedScope ?? requestedScope)
    : (scope ?? requestedScope);
}

/**
 * A refresh token that was not renewed stays in use. So does the one before where somebody has consented once more and
 * the server sent none, as some do unless they are asked for it: it is then the only one of that account. One of another
 * account, or of a grant that has ended, does not.
 */
function refreshTokenBefore(
  connection: Before,
  grant: TokenGrant,
  authorization: NewAuthorization | undefined,
  isOfAnother: boolean,
): string | null {
  if ('refreshToken' in grant) return grant.refreshToken;
  if (!authorization || isOfAnother || hasEnded(connection)) return null;
  return grantTraits[grant.type].consent === 'none' ? null : (connection.token?.refreshToken ?? null);
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

/**
 * The fields that the settings declare now: those of the answer, and as before where it lacks one. A field
 * that a new authorisation does not bring is not taken from the one it replaces.
 */
export function fieldsAfter(
  { fields = {} }: Pick<TokenSet, 'fields'>,
  before: ConnectionFields,
  authorization: NewAuthorization | undefined,
): ConnectionFields {
  const known = authorization ? (authorization.fields ?? {}) : before;
  const all = Object.entries(fields).map(([name, value]) => [name, value ?? known[name]]);
  return Object.fromEntries(all.filter(([, value]) => value !== undefined)) as ConnectionFields;
}
