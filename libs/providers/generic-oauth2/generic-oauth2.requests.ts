import {
  type AuthorizationRequest,
  type BackchannelRequest,
  type Form,
  type TokenGrant,
  tokenRequestForm,
} from '#provider-kit';
import type { ClientAuthentication } from './client-authentication.js';
import type { GenericOauth2Settings } from './generic-oauth2.schemas.js';

/** RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707 §2.1. */
export function authorizationParameters(
  clientId: string,
  { codeChallenge, redirectUri, scope, state }: AuthorizationRequest,
  settings: GenericOauth2Settings,
): Form {
  return {
    ...settings.authorization_parameters,
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: scopeToSend(scope, settings),
    state,
    ...(settings.code_challenge_method === 'S256'
      ? { code_challenge: codeChallenge, code_challenge_method: 'S256' }
      : {}),
    ...target(settings),
  };
}

/** OpenID CIBA Core §7.1. */
export function backchannelForm(
  { loginHint, scope }: BackchannelRequest,
  settings: GenericOauth2Settings,
): Form {
  const { login_hint_prefix: prefix } = settings;
  const asked = scope ?? settings.default_scope ?? '';
  const names = asked.split(' ').filter((name) => name !== '' && name !== 'openid');
  return {
    scope: scopeToSend(['openid', ...names].join(' '), settings),
    login_hint: loginHint.startsWith(prefix) ? loginHint : prefix + loginHint,
    ...target(settings),
  };
}

/** RFC 8628 §3.1: the client is named also where it authenticates otherwise. */
export function deviceForm(
  clientId: string,
  { scope }: Pick<BackchannelRequest, 'scope'>,
  settings: GenericOauth2Settings,
): Form {
  return { client_id: clientId, scope: scopeToSend(scope, settings), ...target(settings) };
}

export function tokenForm(grant: TokenGrant, settings: GenericOauth2Settings): Form {
  return {
    ...settings.token_parameters,
    ...settings.token_parameters_by_grant?.[grant.type],
    ...tokenRequestForm(asHere(grant, settings)),
    ...refreshScope(grant, settings),
    ...grantName(grant, settings),
    ...target(settings),
  };
}

function grantName({ type }: TokenGrant, { grant_type_names: names }: GenericOauth2Settings): Form {
  const name = names?.[type];
  return name === undefined ? {} : { grant_type: name };
}

function refreshScope(grant: TokenGrant, settings: GenericOauth2Settings): Form {
  if (grant.type !== 'refresh_token' || !settings.send_scope_on_refresh) return {};
  return scopeOf(grant.scope, settings);
}

function asHere(grant: TokenGrant, settings: GenericOauth2Settings): TokenGrant {
  switch (grant.type) {
    case 'client_credentials':
      return { type: grant.type, ...scopeOf(grant.scope, settings) };
    case 'jwt_bearer':
      return { type: grant.type, subject: grant.subject, ...scopeOf(grant.scope, settings) };
    case 'password':
      return {
        type: grant.type,
        username: withSuffix(grant.username, settings.username_suffix),
        password: grant.password,
        ...scopeOf(grant.scope, settings),
      };
    case 'authorization_code': {
      const { codeVerifier, ...code } = grant;
      return settings.code_challenge_method === 'S256' ? grant : code;
    }
    default:
      return grant;
  }
}

/** RFC 8707, and the parameter that some servers had before it. */
function target({ resource, audience }: GenericOauth2Settings): Form {
  return { resource, audience };
}

function scopeOf(scope: string | undefined, settings: GenericOauth2Settings): { scope?: string } {
  const sent = scopeToSend(scope ?? null, settings);
  return sent === undefined ? {} : { scope: sent };
}

function scopeToSend(scope: string | null, settings: GenericOauth2Settings): string | undefined {
  if (!settings.send_scope) return undefined;
  return (scope ?? settings.default_scope)?.replaceAll(' ', settings.scope_separator);
}

function withSuffix(name: string, suffix: string): string {
  return name.endsWith(suffix) ? name : name + suffix;
}

/** The headers of the settings, and what proves the client. */
export function headersOf(
  { token_headers }: GenericOauth2Settings,
  { header, clientCertificate }: ClientAuthentication,
) {
  return { ...header, headers: lowerCased(token_headers), clientCertificate };
}

/** Names as the client of the endpoints wants them. */
export function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
