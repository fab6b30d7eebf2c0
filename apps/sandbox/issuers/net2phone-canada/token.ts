import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type { FormBody } from '../../oauth/form-body.js';
import { redeemCode } from '../../oauth/redeem-code.js';
import { jsonReply } from '../../oauth/replies.js';
import type { Grant } from '../../world/grants.js';
import { LAST_INSTANT_MS } from '../../world/sandbox-clock.js';
import type { Client, Desk } from '../desk.js';
import type { ProviderReply, ProviderRequest } from '../issuer.js';
import { naiveUtc } from './naive-utc.js';
import { net2phoneCanadaSwitches } from './net2phone-canada.switches.js';

const LIFETIME_SECONDS = 3599;

/** A role of the account, not a list of scopes, in spite of the blank. */
const ROLE = 'Office Manager';

type Switches = z.output<typeof net2phoneCanadaSwitches>;

/**
 * `POST /api/oauth/token/`. The page documents no errors; these are the ones RFC 6749 §5.2 names.
 * HTTP Basic is not looked at: the page knows the client in the body only.
 */
export function token(request: ProviderRequest, desk: Desk): ProviderReply {
  const { form } = request;
  const grantType = form?.get('grant_type');
  if (form === undefined || form.repeated || grantType === undefined) return refuse('invalid_request');
  const handle = GRANTS.get(grantType);
  if (handle === undefined) return refuse('unsupported_grant_type');
  const switches = desk.switches(net2phoneCanadaSwitches);
  const client = authenticate(form, grantType, desk, switches);
  if (client === undefined) return jsonReply(401, { error: 'invalid_client' });
  return handle(form, client, desk, switches);
}

type Handle = (form: FormBody, client: Client, desk: Desk, switches: Switches) => ProviderReply;

const GRANTS: ReadonlyMap<string, Handle> = new Map<string, Handle>([
  ['client_credentials', (_form, client, desk) => issue({ client, grantType: 'client_credentials' }, desk)],
  ['authorization_code', exchangeCode],
  ['refresh_token', refresh],
]);

function authenticate(form: FormBody, grantType: string, desk: Desk, switches: Switches): Client | undefined {
  const client = desk.client(form.get('client_id') ?? '');
  const secret = form.get('client_secret');
  const allowed = grantType === 'refresh_token' ? switches.refresh_client_auth : 'secret';
  if (secret === undefined) return allowed === 'secret' ? undefined : client;
  return allowed !== 'id_only' && client?.secrets.includes(secret) ? client : undefined;
}

function exchangeCode(form: FormBody, client: Client, desk: Desk, switches: Switches): ProviderReply {
  if (form.get('code') === undefined) return refuse('invalid_request');
  const verdict = redeemCode(form, client, desk);
  if ('refused' in verdict) return refuse('invalid_grant');
  const facts = { provider: desk.provider, clientId: client.clientId, scope: ROLE };
  const grant = desk.grants.open({ ...facts, user: verdict.code.user });
  const refreshToken = switches.code_refresh_token
    ? desk.grants.addRefreshToken(grant, switches.refresh_token_seconds).token
    : undefined;
  return issue({ client, grantType: 'authorization_code', grant, refreshToken }, desk);
}

/** Gives an access token and leaves the refresh token as it is, its 90 days included. */
function refresh(form: FormBody, client: Client, desk: Desk): ProviderReply {
  const presented = form.get('refresh_token');
  if (presented === undefined) return refuse('invalid_request');
  const found = desk.grants.findByRefreshToken(desk.provider, presented);
  if (found === undefined || found.grant.clientId !== client.clientId) return refuse('invalid_grant');
  const { grant, refreshToken } = found;
  refreshToken.presented += 1;
  if (desk.grants.stateOf(grant, refreshToken) !== 'live') return refuse('invalid_grant');
  // A role is no scope one could ask for: a client that sends it back has misread it.
  if (form.get('scope') !== undefined) return refuse('invalid_scope');
  refreshToken.spent += 1;
  return issue({ client, grantType: 'refresh_token', grant }, desk);
}

function issue(
  order: {
    readonly client: Client;
    readonly grantType: string;
    readonly grant?: Grant;
    readonly refreshToken?: string | undefined;
  },
  desk: Desk,
): ProviderReply {
  const issued = desk.issue({
    ...order,
    scope: ROLE,
    token: randomBytes(16).toString('hex'),
    vendorLifetimeSeconds: LIFETIME_SECONDS,
  });
  return jsonReply(200, {
    access_token: issued.token,
    refresh_token: order.refreshToken,
    scope: ROLE,
    token_type: 'Bearer',
    expires_in: issued.expiresIn,
    expires: naiveUtc(Math.min(issued.expiresAtMs, LAST_INSTANT_MS)),
  });
}

function refuse(error: string): ProviderReply {
  return jsonReply(400, { error });
}
