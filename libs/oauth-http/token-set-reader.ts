import type { TokenSet } from '#provider-kit';
import { accountFrom } from './account.reader.js';
import { isObject, valueAt } from './answer-body.js';
import { readLifetime, readLifetimeUntil } from './lifetime.js';
import { isRefreshToken } from './refresh-token-search.js';
import { readFields, tokensIn } from './token-fields.reader.js';
import type { ProviderDialect } from './token-response-profile.js';

type Json = Readonly<Record<string, unknown>>;

/** A token set, or the member for which the answer is none. */
export type TokenSetReading = { readonly tokens: TokenSet } | { readonly member: string };

/**
 * RFC 6749 §5.1, strict where a wrong value would be stored and served, lenient where providers are known to be
 * careless. An `id_token` is handed on as it came.
 * @param sentAt when the request was sent: lifetimes count from then
 */
export function readTokenSet(answer: Json, dialect: ProviderDialect, sentAt: Date): TokenSetReading {
  const path = dialect.tokenPath;
  const body = path === undefined ? answer : valueAt(answer, path);
  if (!isObject(body)) return { member: path ?? '' };
  const at = (member: string) => ({ member: path === undefined ? member : `${path}.${member}` });

  const accessToken = body['access_token'];
  // A server that spells the one as RFC 6749 does may spell the other as its own API does.
  const refreshToken = [body['refresh_token'], body['refreshToken']].find(isGiven);
  // RFC 6750 §2.1: what can travel in an Authorization header; no spaces, no control characters.
  if (typeof accessToken !== 'string' || !/^[\x21-\x7e]+$/.test(accessToken)) return at('access_token');

  // Some servers put beside the object what others put into it.
  const tokenType = readTokenType(body['token_type'] ?? answer['token_type'], dialect);
  if (tokenType === undefined) return at('token_type');

  const expiresInSeconds = readExpiry(body, dialect, sentAt);
  if (expiresInSeconds === undefined) return at(dialect.expiresAtField ?? 'expires_in');

  // One that is there but cannot be sent back must not pass as absent.
  if (refreshToken !== undefined && !isRefreshToken(refreshToken)) return at('refresh_token');

  // Also where none came: the one that was used lives on, and using it has kept it alive.
  const refreshSeconds = readRefreshSeconds(body, dialect, sentAt) ?? dialect.assumedRefreshLifetimeSeconds;
  const { accountPath } = dialect;
  const account = accountPath === undefined ? undefined : accountFrom(answer, accountPath, tokensIn(answer));
  const fields = readFields(answer, body, dialect);
  const idToken = body['id_token'] ?? answer['id_token'];
  const scope = readScope(body['scope'] ?? answer['scope']);
  return {
    tokens: {
      accessToken,
      tokenType,
      expiresInSeconds,
      ...(refreshToken === undefined ? {} : { refreshToken }),
      ...(refreshSeconds === undefined ? {} : { refreshTokenExpiresInSeconds: refreshSeconds }),
      ...(scope === undefined ? {} : { scope }),
      ...(fields === undefined ? {} : { fields }),
      ...(account === undefined ? {} : { account }),
      ...(typeof idToken === 'string' && idToken !== '' ? { idToken } : {}),
    },
  };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** The word to write before the token: what a setting takes for bearer besides is sent as `Bearer`. */
function readTokenType(value: unknown, dialect: ProviderDialect): string | undefined {
  if (value === undefined || value === null || value === '') {
    return dialect.tokenTypeOptional ? 'Bearer' : undefined;
  }
  if (typeof value !== 'string') return undefined;
  if (value.toLowerCase() === 'bearer') return value;
  const isTaken = dialect.tokenTypes?.some((word) => word.toLowerCase() === value.toLowerCase());
  return isTaken ? 'Bearer' : undefined;
}

/** Seconds; null for a token that does not expire; undefined when neither answer nor dialect says. */
function readExpiry(body: Json, dialect: ProviderDialect, sentAt: Date): number | null | undefined {
  const { expiresAtField, expiresInUnit, tokensNeverExpire, assumedLifetimeSeconds } = dialect;
  const until = expiresAtField === undefined ? undefined : valueAt(body, expiresAtField);
  return (
    readLifetimeUntil(until, sentAt) ??
    // A field that was named as an instant is not a number of seconds besides.
    (expiresAtField === 'expires_in' ? undefined : readLifetime(body['expires_in'], expiresInUnit)) ??
    (tokensNeverExpire ? null : (assumedLifetimeSeconds ?? undefined))
  );
}

/** Not in any RFC, but common under these names; Keycloak writes 0 for "does not expire". */
function readRefreshSeconds(
  body: Json,
  { expiresInUnit }: ProviderDialect,
  sentAt: Date,
): number | undefined {
  for (const name of ['refresh_token_expires_in', 'refresh_expires_in', 'x_refresh_token_expires_in']) {
    const seconds = readLifetime(body[name], expiresInUnit);
    if (seconds !== undefined) return seconds;
  }
  return readLifetimeUntil(body['refresh_token_expires_at'], sentAt);
}

/** Kept whole: with some providers it is a name with spaces in it. A list of names is joined as RFC 6749 §3.3 has it. */
function readScope(value: unknown): string | undefined {
  const scope =
    Array.isArray(value) && value.every((item) => typeof item === 'string') ? value.join(' ') : value;
  return typeof scope === 'string' && /^[^\p{Cc}\p{Cs}]+$/u.test(scope) ? scope : undefined;
}
