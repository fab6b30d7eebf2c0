import { Module } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { VaultModule } from '#vault';
import { ApiKeyStrategy } from './api-key.strategy.js';
import { RefusalLog } from './audit/refusal-log.js';
import { TokenReadLog } from './audit/token-read-log.js';
import { Authenticator } from './authenticator.js';
import { BootstrapKey } from './bootstrap-key.js';
import { TenantGate } from './tenant-gate.js';

@Module({
  imports: [PassportModule, VaultModule],
  providers: [Authenticator, ApiKeyStrategy, BootstrapKey, RefusalLog, TenantGate, TokenReadLog],
  exports: [Authenticator, RefusalLog, TenantGate, TokenReadLog],
})
export class AccessModule {}
