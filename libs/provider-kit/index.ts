export type { Account } from './account.js';
export { breakdownCodes, notAskedCodes } from './breakdown-codes.js';
export { CLOCK, type Clock, systemClock } from './clock.js';
export { type FailureClass, type FailureCode, failureCodes, remedyFor } from './failure-codes.js';
export type { ProbedGrant, ProbeOutcome } from './grant-probe.js';
export type { Form } from './grants/grant.js';
export { lineField, linkTtlField, returnUrlField, scopeField } from './grants/grant-fields.js';
export {
  type GrantFields,
  type GrantType,
  grantFromConnection,
  grantFromFields,
  grants,
  grantTraits,
  grantTypes,
  type TokenGrant,
  tokenRequestForm,
} from './grants/grants.js';
export { knownErrorCode } from './known-error-codes.js';
export type { ProviderDescriptor, ProviderSettings, RotationMode } from './provider-descriptor.js';
export type { ProviderFailure } from './provider-failure.js';
export type { PresetInput, ProviderPreset } from './provider-preset.js';
export { PROVIDER_REGISTRY, ProviderRegistry } from './provider-registry.js';
export type { RawResponse } from './raw-response.js';
export type { FailedOutcome, TokenOutcome } from './token-outcome.js';
export {
  type AuthorizationCodeFlow,
  type AuthorizationOutcome,
  type AuthorizationRequest,
  type BackchannelFlow,
  type BackchannelOutcome,
  type BackchannelRequest,
  type CallbackIssuer,
  type ClientSecret,
  type ConnectionIdentity,
  type DevicePrompt,
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
