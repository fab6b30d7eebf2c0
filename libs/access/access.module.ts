import { Module } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { EgressModule } from '#egress';
import { VaultModule } from '#vault';
import { ApiKeyStrategy } from './api-key.strategy.js';
import { RefusalLog } from './audit/refusal-log.js';
import { TokenReadLog } from './audit/token-read-log.js';
import { Authenticator } from './authenticator.js';
import { BootstrapKey } from './bootstrap-key.js';
import { ConsoleSessions } from './console/console-sessions.js';
import { ConsoleSessionStrategy } from './console-session.strategy.js';
import { FailedAuthentications } from './limits/failed-authentications.js';
import { KeyDirectory } from './limits/key-directory.js';
import { RequestLimits } from './limits/request-limits.js';
import { UnknownKeys } from './limits/unknown-keys.js';
import { SingleSignOn } from './sso/single-sign-on.js';
import { TenantGate } from './tenant-gate.js';
import { JwtVerifier } from './workload/jwt-verifier.js';
import { WorkloadTokens } from './workload/workload-tokens.js';
import { WorkloadJwtStrategy } from './workload-jwt.strategy.js';

@Module({
  imports: [PassportModule, EgressModule, VaultModule],
  providers: [
    Authenticator,
    ApiKeyStrategy,
    BootstrapKey,
    ConsoleSessions,
    ConsoleSessionStrategy,
    FailedAuthentications,
    JwtVerifier,
    KeyDirectory,
    RefusalLog,
    RequestLimits,
    SingleSignOn,
    TenantGate,
    TokenReadLog,
    UnknownKeys,
    WorkloadJwtStrategy,
    WorkloadTokens,
  ],
  exports: [
    Authenticator,
    FailedAuthentications,
    JwtVerifier,
    RefusalLog,
    RequestLimits,
    SingleSignOn,
    TenantGate,
    TokenReadLog,
    WorkloadTokens,
  ],
})
export class AccessModule {}
