/** The issuer identifier has a path, so that the metadata path rule of RFC 8414 §3.1 is exercised. */
export const ISSUER_PATH = '/generic';

export const METADATA_PATH = `/.well-known/oauth-authorization-server${ISSUER_PATH}`;
export const OIDC_METADATA_PATH = `${ISSUER_PATH}/.well-known/openid-configuration`;
export const AUTHORIZE_PATH = `${ISSUER_PATH}/authorize`;
export const TOKEN_PATH = `${ISSUER_PATH}/token`;
export const BACKCHANNEL_PATH = `${ISSUER_PATH}/bc-authorize`;
export const REVOKE_PATH = `${ISSUER_PATH}/revoke`;
export const JWKS_PATH = `${ISSUER_PATH}/jwks`;
export const RESOURCE_PATH = `${ISSUER_PATH}/userinfo`;

export const CIBA = 'urn:openid:params:grant-type:ciba';
