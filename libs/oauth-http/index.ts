export { accountFrom } from './account.reader.js';
export { isObject, parseObject } from './answer-body.js';
export { readAuthorizationError } from './authorization-error.js';
export { readBackchannelResponse } from './backchannel-response.reader.js';
export { bodyClient, formEncodedBasic, rawBasic } from './client-authentication.js';
export { certificateThumbprints, fitsPrivateKey, parseCertificate } from './client-certificate.js';
export {
  clientIdField,
  clientSecretField,
  codeFlowSettings,
  codeFlowSettingsChangedWithoutSecret,
  commonSettings,
  endpointField,
  longClientIdField,
  privateKeyField,
  rsaPrivateKeyField,
} from './credential.schemas.js';
export { readDeviceAuthorization } from './device-authorization.reader.js';
export { isSuccess, readEmbeddedFailure, readFailure } from './failure.reader.js';
export { checkedClaims } from './id-token.js';
export { IssuerKeysClient } from './issuer-keys.client.js';
export { IssuerMetadataClient } from './issuer-metadata.client.js';
export type { IssuerMetadata, MetadataEndpoint } from './issuer-metadata.js';
export { OauthHttpModule } from './oauth-http.module.js';
export { signingAlgorithms, withLineBreaks } from './private-key.js';
export { introspectionForm, readIntrospection, readResourceAnswer } from './probe.reader.js';
export { assertRevoked, revocationForm } from './revocation.js';
export { signJwt, signSharedSecretJwt } from './signed-jwt.js';
export { TokenEndpointClient } from './token-endpoint.client.js';
export { fieldValue, namesSecret } from './token-fields.reader.js';
export { readTokenEndpointResponse } from './token-response.reader.js';
export type { ProviderDialect, TokenResponseProfile } from './token-response-profile.js';
