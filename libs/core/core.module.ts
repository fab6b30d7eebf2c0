import { Module } from '@nestjs/common';
import { SETTINGS, type Settings, SettingsModule } from '#config';
import { ConnectModule } from '#connect';
import { EgressModule } from '#egress';
import { EventsModule } from '#events';
import { ProviderCatalogModule } from '#providers';
import { RenewalModule } from '#renewal';
import { TokenReadsModule } from '#token-reads';
import { VaultModule } from '#vault';
import { Metrics } from './metrics.js';
import { Traces } from './traces.js';

/** One instance of each, shared by everything that imports the core. */
const renewal = RenewalModule.with(ProviderCatalogModule);
const libs = [
  VaultModule,
  EventsModule,
  ProviderCatalogModule,
  renewal,
  TokenReadsModule.with(ProviderCatalogModule, renewal),
  ConnectModule.with(ProviderCatalogModule, renewal),
];

/** All of the product but its HTTP and its schedule: api, worker and tests are composed on top of it. */
@Module({
  imports: [
    SettingsModule,
    EgressModule.forRootAsync({ inject: [SETTINGS], useFactory: (settings: Settings) => settings }),
    ...libs,
  ],
  providers: [Metrics, Traces],
  exports: [...libs, Metrics],
})
export class CoreModule {}
