import { randomBytes } from 'node:crypto';
import type { FormBody } from '../../oauth/form-body.js';
import { pollBackchannel } from '../../oauth/poll-backchannel.js';
import { redeemCode } from '../../oauth/redeem-code.js';
import { jsonReply } from '../../oauth/replies.js';
import type { Grant, RefreshToken } from '../../world/grants.js';
import type { Client, Desk } from '../desk.js';
import type { ProviderReply, ProviderRequest } from '../issuer.js';
import { authenticate } from './client-authentication.js';
import { CIBA } from './endpoints.js';
import { genericOauth2Switches } from './generic-oauth2.switches.js';
import { spend } from './rotation.js';

type Handle = (form: FormBody, client: Client, desk: Desk) => ProviderReply;

const GRANTS: ReadonlyMap<string, Handle> = new Map<string, Handle>([
  ['client_credentials', clientCredentials],
  ['authorization_code', exchangeCode],
  ['refresh_token', refresh],
  [CIBA, poll],
]);

/** `POST /generic/token`, after RFC 6749 to the letter. */
export function token(request: ProviderRequest, desk: Desk): ProviderReply {
  const { form } = request;
  const grantType = form?.get('grant_type');
  if (form === undefined || form.repeated || grantType === undefined) return refuse('invalid_request');
  const authentication = authenticate(request, desk);
  if ('refusal' in authentication) return authentication.refusal;
  const handle = GRANTS.get(grantType);
  return handle === undefined ? refuse('unsupported_grant_type') : handle(form, authentication.client, desk);
}

/** A public client has nothing to prove itself with (RFC 6749 §4.4). */
function clientCredentials(form: FormBody, client: Client, desk: Desk): ProviderReply {
  if (client.secrets.length === 0 && client.publicKeys.length === 0) return refuse('unauthorized_client');
  return answer({ client, grantType: 'client_credentials', scope: form.get('scope') }, desk);
}

/** A code that comes again takes back what it gave (RFC 6749 §4.1.2). */
function exchangeCode(form: FormBody, client: Client, desk: Desk): ProviderReply {
  if (form.get('code') === undefined) return refuse('invalid_request');
  const verdict = redeemCode(form, client, desk);
  if ('refused' in verdict) {
    const grant = verdict.reused?.grant;
    if (grant !== undefined) desk.grants.revoke(grant, 'a code was used again');
    return refuse('invalid_grant');
  }
  const { code } = verdict;
  code.grant = openGrant(code, client, desk);
  return answer({ ...withRefreshToken(code.grant, desk), client, grantType: 'authorization_code' }, desk);
}

function poll(form: FormBody, client: Client, desk: Desk): ProviderReply {
  const authReqId = form.get('auth_req_id');
  if (authReqId === undefined) return refuse('invalid_request');
  const verdict = pollBackchannel(authReqId, client, desk);
  if ('error' in verdict) return refuse(verdict.error);
  const grant = openGrant(verdict.approved, client, desk);
  return answer({ ...withRefreshToken(grant, desk), client, grantType: CIBA }, desk);
}

function refresh(form: FormBody, client: Client, desk: Desk): ProviderReply {
  const presented = form.get('refresh_token');
  if (presented === undefined) return refuse('invalid_request');
  const found = desk.grants.findByRefreshToken(desk.provider, presented);
  if (found === undefined || found.grant.clientId !== client.clientId) return refuse('invalid_grant');
  const { grant, refreshToken } = found;
  const scope = form.get('scope');
  if (scope !== undefined && !isWithin(scope, grant.scope)) return refuse('invalid_scope');
  const spent = spend(grant, refreshToken, desk, desk.switches(genericOauth2Switches));
  if ('refused' in spent) return refuse('invalid_grant');
  return answer({ client, grantType: 'refresh_token', grant, refreshToken: spent.next, scope }, desk);
}

/** RFC 6749 §6: a refresh may ask for less, never for more. */
function isWithin(scope: string, granted: string): boolean {
  const all = granted.split(' ');
  return scope.split(' ').every((one) => all.includes(one));
}

function openGrant(
  facts: { readonly user: string; readonly scope: string },
  client: Client,
  desk: Desk,
): Grant {
  const { user, scope } = facts;
  return desk.grants.open({ provider: desk.provider, clientId: client.clientId, user, scope });
}

function withRefreshToken(grant: Grant, desk: Desk) {
  const { refresh_token, refresh_token_seconds } = desk.switches(genericOauth2Switches);
  const refreshToken = refresh_token ? desk.grants.addRefreshToken(grant, refresh_token_seconds) : undefined;
  return { grant, refreshToken };
}

interface AnswerOrder {
  readonly client: Client;
  readonly grantType: string;
  readonly grant?: Grant;
  readonly refreshToken?: RefreshToken | undefined;
  readonly scope?: string | undefined;
}

function answer(order: AnswerOrder, desk: Desk): ProviderReply {
  const { client, grantType, grant, refreshToken } = order;
  const scope = order.scope ?? grant?.scope ?? '';
  const issued = desk.issue({
    client,
    grantType,
    ...(grant && { grant }),
    scope,
    token: randomBytes(32).toString('base64url'),
    vendorLifetimeSeconds: desk.switches(genericOauth2Switches).access_token_seconds,
  });
  return jsonReply(200, {
    access_token: issued.token,
    token_type: 'Bearer',
    expires_in: issued.expiresIn,
    refresh_token: refreshToken?.token,
    scope: scope === '' ? undefined : scope,
  });
}

function refuse(error: string): ProviderReply {
  return jsonReply(400, { error });
}
