import { jsonReply } from '../../oauth/replies.js';
import type { Desk } from '../desk.js';
import type { ProviderReply, ProviderRequest } from '../issuer.js';
import * as endpoints from './endpoints.js';
import { genericOauth2Switches } from './generic-oauth2.switches.js';

/** RFC 8414 §2, CIBA Core §4 and OpenID Connect Discovery §3 in one document. */
export function metadata(_request: ProviderRequest, desk: Desk): ProviderReply {
  const at = (path: string) => `${desk.origin}${path}`;
  const authentication = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'];
  return jsonReply(200, {
    issuer: at(endpoints.ISSUER_PATH),
    authorization_endpoint: at(endpoints.AUTHORIZE_PATH),
    token_endpoint: at(endpoints.TOKEN_PATH),
    backchannel_authentication_endpoint: at(endpoints.BACKCHANNEL_PATH),
    revocation_endpoint: at(endpoints.REVOKE_PATH),
    userinfo_endpoint: at(endpoints.RESOURCE_PATH),
    jwks_uri: at(endpoints.JWKS_PATH),
    scopes_supported: ['openid', 'offline_access', 'read', 'write'],
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['client_credentials', 'authorization_code', 'refresh_token', endpoints.CIBA],
    token_endpoint_auth_methods_supported: authentication,
    token_endpoint_auth_signing_alg_values_supported: ['RS256'],
    revocation_endpoint_auth_methods_supported: authentication,
    code_challenge_methods_supported: ['S256'],
    backchannel_token_delivery_modes_supported: ['poll'],
    backchannel_user_code_parameter_supported: false,
    authorization_response_iss_parameter_supported: desk.switches(genericOauth2Switches).callback_iss,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  });
}
