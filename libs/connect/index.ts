export { AuthorizationService, type AuthorizationStart } from './authorization.service.js';
export { BackchannelService, type BackchannelStart } from './backchannel.service.js';
export { type Callback, type CallbackResult, CallbackService } from './callback.service.js';
export { CodeExchange } from './code-exchange.js';
export { ConnectModule } from './connect.module.js';
export { type ConnectResult, ConnectService, type WantedConnection } from './connect.service.js';
export { CredentialVerifier, type Verification } from './credential-verifier.js';
export { DisconnectService } from './disconnect.service.js';
export { TooManyVisits, VisitLimiter } from './visit-limiter.js';
