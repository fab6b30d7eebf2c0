export { ConnectModule } from './connect.module.js';
export { type ConnectResult, ConnectService } from './connect.service.js';
export { CredentialVerifier, type Verification } from './credential-verifier.js';
