import { Module } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { EgressModule } from '#egress';
import { VaultModule } from '#vault';
import { ApiKeyStrategy } from './api-key.strategy.js';
import { Authenticator } from './authenticator.js';
import { BootstrapKey } from './bootstrap-key.js';
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
    JwtVerifier,
    TenantGate,
    WorkloadJwtStrategy,
    WorkloadTokens,
  ],
  exports: [Authenticator, JwtVerifier, TenantGate, WorkloadTokens],
})
export class AccessModule {}
