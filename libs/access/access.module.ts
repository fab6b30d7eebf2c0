import { Module } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { VaultModule } from '#vault';
import { ApiKeyStrategy } from './api-key.strategy.js';
import { Authenticator } from './authenticator.js';
import { BootstrapKey } from './bootstrap-key.js';
import { FailedAuthentications } from './limits/failed-authentications.js';
import { KeyDirectory } from './limits/key-directory.js';
import { RequestLimits } from './limits/request-limits.js';
import { UnknownKeys } from './limits/unknown-keys.js';
import { TenantGate } from './tenant-gate.js';

@Module({
  imports: [PassportModule, VaultModule],
  providers: [
    Authenticator,
    ApiKeyStrategy,
    BootstrapKey,
    FailedAuthentications,
    KeyDirectory,
    RequestLimits,
    TenantGate,
    UnknownKeys,
  ],
  exports: [Authenticator, FailedAuthentications, RequestLimits, TenantGate],
})
export class AccessModule {}
