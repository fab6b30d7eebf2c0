export { type Clock, systemClock } from './clock.js';
export { grantTraits } from './grant-traits.js';
export { knownErrorCode } from './known-error-codes.js';
export type { ProviderDescriptor, ProviderSettings, RotationMode } from './provider-descriptor.js';
export {
  type FailureClass,
  type FailureCode,
  failureCodes,
  type ProviderFailure,
  remedyFor,
} from './provider-failure.js';
export type { PresetInput, ProviderPreset } from './provider-preset.js';
export { PROVIDER_REGISTRY, ProviderRegistry } from './provider-registry.js';
export type { RawResponse } from './raw-response.js';
export { type GrantType, grantTypes, type TokenGrant } from './token-grant.js';
export type { FailedOutcome, TokenOutcome } from './token-outcome.js';
export {
  type AuthorizationCodeFlow,
  type AuthorizationOutcome,
  type AuthorizationRequest,
  type BackchannelFlow,
  type BackchannelOutcome,
  type BackchannelRequest,
  type ClientSecret,
  type ConnectionIdentity,
  type ProviderCall,
  type ProviderClient,
  responseContext,
  rotationOf,
  type TokenProvider,
  type TokenResponseContext,
  type TokenTypeHint,
  upstreamOf,
} from './token-provider.js';
export type { TokenSet } from './token-set.js';
export { UpstreamError } from './upstream-error.js';
