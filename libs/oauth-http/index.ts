export { isObject, parseObject } from './answer-body.js';
export { readAuthorizationError } from './authorization-error.js';
export { readBackchannelResponse } from './backchannel-response.reader.js';
export { bodyClient, formEncodedBasic, rawBasic } from './client-authentication.js';
export {
  clientIdField,
  clientSecretField,
  codeFlowSettings,
  codeFlowSettingsChangedWithoutSecret,
  endpointField,
  privateKeyField,
  rsaPrivateKeyField,
} from './credential.schemas.js';
export { isSuccess, readEmbeddedFailure, readFailure } from './failure.reader.js';
export { IssuerMetadataClient } from './issuer-metadata.client.js';
export type { IssuerMetadata } from './issuer-metadata.js';
export { OauthHttpModule } from './oauth-http.module.js';
export { signingAlgorithms } from './private-key.js';
export { assertRevoked, cannotRevoke, revocationForm } from './revocation.js';
export { signJwt } from './signed-jwt.js';
export { TokenEndpointClient } from './token-endpoint.client.js';
export { readTokenEndpointResponse } from './token-response.reader.js';
export type { ProviderDialect, TokenResponseProfile } from './token-response-profile.js';
