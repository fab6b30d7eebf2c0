import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { CoreModule } from '#core';
import { CleanUpScheduler } from './clean-up.scheduler.js';
import { HealthController } from './health.controller.js';
import { RenewalScheduler } from './renewal.scheduler.js';
import { WebhookScheduler } from './webhook.scheduler.js';

@Module({
  imports: [CoreModule, ScheduleModule.forRoot()],
  controllers: [HealthController],
  providers: [RenewalScheduler, WebhookScheduler, CleanUpScheduler],
})
export class WorkerModule {}
