import { randomBytes } from 'node:crypto';
import type { FormBody } from '../../oauth/form-body.js';
import { pollBackchannel, spoilBackchannel } from '../../oauth/poll-backchannel.js';
import { redeemCode } from '../../oauth/redeem-code.js';
import { jsonReply } from '../../oauth/replies.js';
import type { Client, Desk } from '../desk.js';
import type { ProviderReply, ProviderRequest } from '../issuer.js';
import { authenticate } from './application-jwt.js';
import { oauthRefusal } from './dialects.js';
import { apiScopeOf, NUMBER_VERIFICATION } from './scopes.js';

const LIFETIME_SECONDS = 3600;

const CIBA = 'urn:openid:params:grant-type:ciba';

/** `POST /oauth2/token`: a code of the front-end flow, or a poll of the back-end flow. */
export function token(request: ProviderRequest, desk: Desk): ProviderReply {
  const authentication = authenticate(request, desk);
  if ('refusal' in authentication) return authentication.refusal;
  const { client } = authentication;
  const { form } = request;
  if (form === undefined) return oauthRefusal('invalid_request', 'Not a form');
  const inBody = form.get('client_id') !== undefined || form.get('client_secret') !== undefined;
  if (form.repeated || inBody) {
    spoilBackchannel(form.get('auth_req_id') ?? '', client, desk);
    return oauthRefusal('invalid_request', inBody ? 'Client in the body' : 'A parameter is repeated');
  }
  switch (form.get('grant_type')) {
    case 'authorization_code':
      return exchangeCode(form, client, desk);
    case CIBA:
      return poll(form, client, desk);
    case undefined:
      return oauthRefusal('invalid_request', 'grant_type is missing');
    default:
      return oauthRefusal('unsupported_grant_type', 'Unknown grant_type');
  }
}

function exchangeCode(form: FormBody, client: Client, desk: Desk): ProviderReply {
  if (form.get('code') === undefined || form.get('redirect_uri') === undefined) {
    return oauthRefusal('invalid_request', 'code and redirect_uri are required');
  }
  const verdict = redeemCode(form, client, desk);
  if ('refused' in verdict) return oauthRefusal('invalid_grant', `The code is not good: ${verdict.refused}`);
  const { scope, user } = verdict.code;
  return issue('authorization_code', { scope, user }, client, desk);
}

function poll(form: FormBody, client: Client, desk: Desk): ProviderReply {
  const authReqId = form.get('auth_req_id');
  if (authReqId === undefined) return oauthRefusal('invalid_request', 'auth_req_id is required');
  const verdict = pollBackchannel(authReqId, client, desk);
  if ('error' in verdict) return oauthRefusal(verdict.error, 'No token for this auth_req_id');
  const { scope, user } = verdict.approved;
  return issue(CIBA, { scope, user }, client, desk);
}

function issue(
  grantType: string,
  granted: { readonly scope: string; readonly user: string },
  client: Client,
  desk: Desk,
): ProviderReply {
  const issued = desk.issue({
    client,
    grantType,
    ...granted,
    token: randomBytes(32).toString('base64url'),
    vendorLifetimeSeconds: LIFETIME_SECONDS,
    singleUse: apiScopeOf(granted.scope) === NUMBER_VERIFICATION,
  });
  return jsonReply(200, {
    access_token: issued.token,
    token_type: 'Bearer',
    expires_in: issued.expiresIn,
  });
}
