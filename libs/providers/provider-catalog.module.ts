import { Module } from '@nestjs/common';
import { PROVIDER_REGISTRY, ProviderRegistry, type TokenProvider } from '#provider-kit';
import { genericOauth2 } from './generic-oauth2/generic-oauth2.module.js';
import { net2phoneCanada } from './net2phone-canada/net2phone-canada.module.js';
import { vonageBusiness } from './vonage-business/vonage-business.module.js';
import { vonageContactCenter } from './vonage-contact-center/vonage-contact-center.module.js';
import { vonageNetwork } from './vonage-network/vonage-network.module.js';

/** Every provider there is. The only list: nothing else in the repository names them. */
// biome-ignore format: one line per provider, so that adding one is a line.
const providers = [
  vonageNetwork,
  vonageBusiness,
  net2phoneCanada,
  vonageContactCenter,
  genericOauth2,
];

@Module({
  imports: providers.map(({ module }) => module),
  providers: [
    {
      provide: PROVIDER_REGISTRY,
      inject: providers.map(({ adapter }) => adapter),
      useFactory: (...adapters: TokenProvider[]) => new ProviderRegistry(adapters),
    },
  ],
  exports: [PROVIDER_REGISTRY],
})
export class ProviderCatalogModule {}
