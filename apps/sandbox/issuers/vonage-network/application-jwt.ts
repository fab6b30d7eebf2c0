import { readBearer } from '../../oauth/bearer.js';
import { isSignedBy, type Jwt, readJwt } from '../../oauth/rs256-jwt.js';
import type { Client, Desk } from '../desk.js';
import type { ProviderReply, ProviderRequest } from '../issuer.js';
import { refusal } from './dialects.js';
import { vonageNetworkSwitches } from './vonage-network.switches.js';

/** However late `exp` is, a JWT is honoured no longer than this after `iat`. */
const MAX_AGE_SECONDS = 86_400;

/** How far a caller's clock may be ahead. */
const SKEW_SECONDS = 30;

export type Authentication = { readonly client: Client } | { readonly refusal: ProviderReply };

/** The application a request names, believed or not. */
export function namedApplication(request: ProviderRequest): string | undefined {
  const id = readJwt(readBearer(request.headers.authorization) ?? '')?.claims['application_id'];
  return typeof id === 'string' ? id : undefined;
}

/**
 * The application JWT that is the only client authentication here. The sandbox says what was wrong with it
 * in a header of its own, never in the body: the vendor does not tell either.
 */
export function authenticate(request: ProviderRequest, desk: Desk): Authentication {
  const jwt = readJwt(readBearer(request.headers.authorization) ?? '');
  const client = desk.client(namedApplication(request) ?? '');
  const fault = jwt === undefined ? 'no JWT behind Bearer' : faultOf(jwt, client, desk);
  if (fault === undefined && client !== undefined) return { client };
  const { unauthorized_dialect } = desk.switches(vonageNetworkSwitches);
  const answer = refusal(unauthorized_dialect, {
    status: 401,
    oauthError: 'invalid_client',
    camaraCode: 'UNAUTHENTICATED',
    title: 'Unauthorized',
    detail: 'You did not provide correct credentials. Check your authentication credentials',
  });
  return { refusal: { ...answer, headers: { ...answer.headers, 'x-sandbox-reason': fault ?? 'unknown' } } };
}

function faultOf(jwt: Jwt, client: Client | undefined, desk: Desk): string | undefined {
  const { iat, exp, jti } = jwt.claims;
  const now = desk.nowMs() / 1000;
  if (client === undefined) return 'application_id is missing or unknown';
  if (jwt.header['typ'] !== 'JWT') return 'typ is not JWT';
  if (!isSignedBy(jwt, client.publicKeys)) return 'no RS256 signature by a registered key';
  if (!isInstant(iat) || !isInstant(exp)) return 'iat or exp is missing or not a whole number';
  if (typeof jti !== 'string' || jti === '') return 'jti is missing';
  if (iat > now + SKEW_SECONDS) return 'iat lies in the future';
  if (exp <= iat || exp <= now) return 'exp is over';
  if (now - iat > MAX_AGE_SECONDS) return 'older than 24 hours';
  const first = desk.seenOnce.admit(`${desk.provider} jti ${client.clientId}`, jti);
  return first || desk.switches(vonageNetworkSwitches).jti_reuse === 'allow'
    ? undefined
    : 'jti was used before';
}

function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value);
}
