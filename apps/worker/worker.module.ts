import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { SETTINGS, type Settings, SettingsModule } from '#config';
import { EventsModule } from '#events';
import { ExchangeModule } from '#exchange';
import { OauthHttpModule } from '#oauth-http';
import { ProviderCatalogModule } from '#providers';
import { RenewalModule } from '#renewal';
import { VaultModule } from '#vault';
import { CleanUpScheduler } from './clean-up.scheduler.js';
import { HealthController } from './health.controller.js';
import { RenewalScheduler } from './renewal.scheduler.js';
import { WebhookScheduler } from './webhook.scheduler.js';

@Module({
  imports: [
    SettingsModule,
    OauthHttpModule.forRootAsync({ inject: [SETTINGS], useFactory: (settings: Settings) => settings }),
    ScheduleModule.forRoot(),
    VaultModule,
    EventsModule,
    RenewalModule.with(ProviderCatalogModule, ExchangeModule.with(ProviderCatalogModule)),
  ],
  controllers: [HealthController],
  providers: [RenewalScheduler, WebhookScheduler, CleanUpScheduler],
})
export class WorkerModule {}
