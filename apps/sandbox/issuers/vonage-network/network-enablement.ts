import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { isJsonObject, type Json, type JsonMembers } from '../../json.js';
import { jsonReply } from '../../oauth/replies.js';
import type { Client, Desk } from '../desk.js';
import type { ProviderReply, ProviderRequest } from '../issuer.js';
import { authenticate } from './application-jwt.js';
import { badRequestProblem, failureBody, PERMISSION_DENIED, UNSUPPORTED_NETWORK } from './dialects.js';
import { apiScopeOf, isE164 } from './scopes.js';
import { vonageNetworkSwitches } from './vonage-network.switches.js';

export const AUTH_PATH = '/oauth2/auth';

/** The vendor's own, as on the page: a caller that takes it for the application's sends users astray. */
const OPERATOR_REDIRECT_URI = 'https://ui.idp.vonage.com/camara/oauth/callback';
const OPERATOR_CLIENT_ID = 'sandbox_test';

type Switches = z.output<typeof vonageNetworkSwitches>;

interface EnablementRequest {
  readonly phoneNumber: string;
  readonly scopes: readonly string[];
  readonly state: string;
}

/** `POST /v0.1/network-enablement`, vendor page "Client Authentication", step 2. */
export function networkEnablement(request: ProviderRequest, desk: Desk): ProviderReply {
  const authentication = authenticate(request, desk);
  if ('refusal' in authentication) return authentication.refusal;
  const switches = desk.switches(vonageNetworkSwitches);
  const asked = readRequest(request, switches);
  if (typeof asked === 'string') return badRequestProblem(asked);
  const { client } = authentication;
  if (!desk.seenOnce.admit(`${desk.provider} state ${client.clientId}`, asked.state)) {
    return badRequestProblem('state must be unique for each request');
  }
  const entries = asked.scopes.map((scope) => [
    scope.split(' ').at(-1),
    entryFor(scope, asked, client, desk, switches),
  ]);
  return jsonReply(200, { scopes: Object.fromEntries(entries) });
}

/** A text says what is wrong. */
function readRequest(request: ProviderRequest, { scopes_field }: Switches): EnablementRequest | string {
  const body = readJson(request);
  if (body === undefined) return 'The body is not a JSON object';
  if ('client_id' in body || 'client_secret' in body) return 'The client does not belong into the body';
  const { phone_number: phoneNumber, state } = body;
  const field = scopes_field === 'either' ? ('scopes' in body ? 'scopes' : 'scope') : scopes_field;
  const scopes = body[field];
  if (typeof phoneNumber !== 'string' || !isE164(phoneNumber)) return 'phone_number must be in E.164 format';
  if (!Array.isArray(scopes) || scopes.length === 0 || !scopes.every((scope) => typeof scope === 'string')) {
    return `${field} must be a list of scopes`;
  }
  if (typeof state !== 'string' || state === '') return 'state is required';
  return { phoneNumber, scopes: withPurpose(scopes), state };
}

/** A purpose that is an item of its own belongs to the others. */
function withPurpose(scopes: readonly string[]): string[] {
  const purpose = scopes.find((scope) => /^dpv:[^#]*$/.test(scope));
  if (purpose === undefined) return [...scopes];
  return scopes.filter((scope) => scope !== purpose).map((scope) => `${purpose} ${scope}`);
}

function readJson(request: ProviderRequest): { [name: string]: Json } | undefined {
  const mediaType = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') return undefined;
  try {
    const body: unknown = JSON.parse(request.body);
    return isJsonObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** Errors of one scope stand in its entry, inside the 200; the shape of such an entry is an assumption. */
function entryFor(
  scope: string,
  asked: EnablementRequest,
  client: Client,
  desk: Desk,
  switches: Switches,
): JsonMembers {
  const forced = switches.enablement_error;
  if (forced !== 'none') return failureBody(forced, PERMISSION_DENIED);
  const phone = desk.people.find(asked.phoneNumber);
  if (phone?.supportedNetwork === false) return failureBody('camara', UNSUPPORTED_NETWORK);
  if (apiScopeOf(scope) === undefined) return failureBody('camara', PERMISSION_DENIED);
  const redirectUri = client.redirectUris[0];
  if (redirectUri === undefined) return failureBody('camara', PERMISSION_DENIED);

  const vonageState = `v2_${randomUUID()}`;
  desk.consents.open({
    id: vonageState,
    provider: desk.provider,
    clientId: client.clientId,
    redirectUri,
    scope,
    state: switches.callback_state === 'caller' ? asked.state : vonageState,
    codeChallenge: undefined,
    codeLifetimeSeconds: switches.code_seconds,
    callbackExtras: {},
    user: asked.phoneNumber,
    mode: switches.consent,
  });
  return {
    auth_url: `${desk.origin}${AUTH_PATH}?${authQuery(scope, vonageState)}`,
    requires_carrier_network: switches.requires_carrier_network || (phone?.requiresCarrierNetwork ?? false),
  };
}

/** The query of an `auth_url`; anything else is refused there. */
export function authQuery(scope: string, vonageState: string): string {
  return new URLSearchParams({
    client_id: OPERATOR_CLIENT_ID,
    scope,
    state: vonageState,
    redirect_uri: OPERATOR_REDIRECT_URI,
    response_type: 'code',
  }).toString();
}
