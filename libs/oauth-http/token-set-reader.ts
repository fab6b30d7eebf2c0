import type { TokenSet } from '#provider-kit';
import { readSeconds } from './lifetime.js';
import type { ProviderDialect } from './token-response-profile.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * RFC 6749 §5.1, strict where a wrong value would be stored and served, lenient where providers are known to be
 * careless. Undefined when it is not a token set. An `id_token` is not looked at.
 */
export function readTokenSet(body: Json, dialect: ProviderDialect): TokenSet | undefined {
  const { access_token: accessToken, refresh_token: refreshToken } = body;
  // RFC 6750 §2.1: what can travel in an Authorization header; no spaces, no control characters.
  if (typeof accessToken !== 'string' || !/^[\x21-\x7e]+$/.test(accessToken)) return undefined;

  const tokenType = readTokenType(body['token_type'], dialect);
  if (tokenType === undefined) return undefined;

  const expiresInSeconds = readSeconds(body['expires_in']) ?? dialect.assumedLifetimeSeconds;
  if (expiresInSeconds === null) return undefined;

  const hasRefreshToken = refreshToken !== undefined && refreshToken !== null && refreshToken !== '';
  // RFC 6749 appendix A.17. One that is there but cannot be sent back must not pass as absent.
  if (hasRefreshToken && (typeof refreshToken !== 'string' || !/^[\x20-\x7e]+$/.test(refreshToken))) {
    return undefined;
  }

  // Also where none came: the one that was used lives on, and using it has kept it alive.
  const refreshSeconds = readRefreshSeconds(body) ?? dialect.assumedRefreshLifetimeSeconds;
  const scope = readScope(body['scope']);
  return {
    accessToken,
    tokenType,
    expiresInSeconds,
    ...(hasRefreshToken ? { refreshToken } : {}),
    ...(refreshSeconds === undefined ? {} : { refreshTokenExpiresInSeconds: refreshSeconds }),
    ...(scope === undefined ? {} : { scope }),
  };
}

function readTokenType(value: unknown, dialect: ProviderDialect): string | undefined {
  if (value === undefined || value === null || value === '') {
    return dialect.tokenTypeOptional ? 'Bearer' : undefined;
  }
  return typeof value === 'string' && value.toLowerCase() === 'bearer' ? value : undefined;
}

/** Not in any RFC, but common under these two names; Keycloak writes 0 for "does not expire". */
function readRefreshSeconds(body: Json): number | undefined {
  const seconds = readSeconds(body['refresh_token_expires_in'] ?? body['refresh_expires_in']);
  return seconds === 0 ? undefined : seconds;
}

/** Kept whole: with some providers it is a name with spaces in it. A list of names is joined as RFC 6749 §3.3 has it. */
function readScope(value: unknown): string | undefined {
  const scope =
    Array.isArray(value) && value.every((item) => typeof item === 'string') ? value.join(' ') : value;
  return typeof scope === 'string' && /^[^\p{Cc}\p{Cs}]+$/u.test(scope) ? scope : undefined;
}
