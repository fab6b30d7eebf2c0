import { type DynamicModule, Module } from '@nestjs/common';
import { VaultModule } from '#vault';
import { RenewalModeService } from './renewal-mode.service.js';
import { Renewer } from './renewer.js';
import { TokenCache } from './token-cache.js';
import { TokenReader } from './token-reader.js';

@Module({})
export class RenewalModule {
  /**
   * @param catalog exports `PROVIDER_REGISTRY`
   * @param exchange exports `Exchange`
   */
  static with(
    catalog: NonNullable<DynamicModule['imports']>[number],
    exchange: DynamicModule,
  ): DynamicModule {
    return {
      module: RenewalModule,
      imports: [VaultModule, catalog, exchange],
      providers: [RenewalModeService, Renewer, TokenCache, TokenReader],
      exports: [RenewalModeService, Renewer, TokenReader],
    };
  }
}
