export * from './client-authentication.js';
export * from './credential.schemas.js';
export { type IssuerMetadata, IssuerMetadataClient } from './issuer-metadata.client.js';
export * from './oauth-http.module.js';
export * from './oauth-http.options.js';
export { redact } from './redaction.js';
export { TokenEndpointClient, type TokenEndpointRequest } from './token-endpoint.client.js';
export * from './token-response.reader.js';
export type { ProviderDialect, TokenResponseProfile } from './token-response-profile.js';
