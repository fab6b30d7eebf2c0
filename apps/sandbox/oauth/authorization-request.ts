import type { Client, Desk } from '../issuers/desk.js';
import type { ProviderReply, ProviderRequest } from '../issuers/issuer.js';
import { errorPage } from '../page/consent.page.js';
import type { Consent } from '../world/consents.js';
import { callback } from './callback.js';
import type { ConsentSwitches } from './consent-switches.js';
import { type FormBody, readParameters } from './form-body.js';
import { allowsRedirect } from './redirect-uris.js';

/** The rules that one provider adds to the checks all of them make. */
export interface AuthorizationRules {
  readonly switches: ConsentSwitches;
  /** An OAuth error code for the callback, or nothing. */
  readonly refuse?: (query: FormBody, client: Client) => string | undefined;
  readonly callbackExtras?: Readonly<Record<string, string>>;
}

/**
 * An authorization request as in RFC 6749 §4.1.1. As long as client and redirect URI are not known to belong
 * together the browser is sent nowhere; after that errors go back to the client.
 */
export function beginConsent(
  request: ProviderRequest,
  desk: Desk,
  { switches, refuse, callbackExtras = {} }: AuthorizationRules,
): Consent | ProviderReply {
  const query = readParameters(request.query);
  if (query.repeated) return errorPage('A parameter is repeated.');
  const client = desk.client(query.get('client_id') ?? '');
  if (client === undefined) return errorPage('The client is unknown.');
  const redirectUri = query.get('redirect_uri');
  if (redirectUri === undefined || !allowsRedirect(client, redirectUri)) {
    return errorPage('The redirect URI is not one the client has registered.');
  }
  const state = query.get('state');
  const error = query.get('response_type') === 'code' ? refuse?.(query, client) : 'unsupported_response_type';
  if (error !== undefined) return callback(redirectUri, { error, state, ...callbackExtras });
  return desk.consents.open({
    provider: desk.provider,
    clientId: client.clientId,
    redirectUri,
    scope: query.get('scope') ?? '',
    state,
    codeChallenge: query.get('code_challenge'),
    codeLifetimeSeconds: switches.code_seconds,
    callbackExtras,
    user: namedUser(query, desk),
    mode: switches.consent,
  });
}

/** Both parameters are for tests and people trying things: `persona` is the sandbox's own. */
function namedUser(query: FormBody, desk: Desk): string | undefined {
  const persona = query.get('persona');
  return persona === undefined ? query.get('login_hint') : desk.people.firstUser(persona)?.id;
}
