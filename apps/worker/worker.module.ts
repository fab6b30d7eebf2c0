import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { AccessModule } from '#access';
import { CoreModule } from '#core';
import { AuditChainScheduler } from './audit-chain.scheduler.js';
import { CleanUpScheduler } from './clean-up.scheduler.js';
import { DataKeyScheduler } from './data-key.scheduler.js';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { RenewalScheduler } from './renewal.scheduler.js';
import { TenantRemovalScheduler } from './tenant-removal.scheduler.js';
import { WebhookScheduler } from './webhook.scheduler.js';

@Module({
  imports: [CoreModule, AccessModule, ScheduleModule.forRoot()],
  controllers: [HealthController, MetricsController],
  providers: [
    RenewalScheduler,
    WebhookScheduler,
    CleanUpScheduler,
    DataKeyScheduler,
    TenantRemovalScheduler,
    AuditChainScheduler,
  ],
})
export class WorkerModule {}
