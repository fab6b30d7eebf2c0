import { type DynamicModule, Module } from '@nestjs/common';
import { VaultModule } from '#vault';
import { Pressure } from './pressure.js';
import { ReadNotes } from './read-notes.js';
import { Reconciler } from './reconciler.js';
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
      providers: [Pressure, ReadNotes, Reconciler, RenewalModeService, Renewer, TokenCache, TokenReader],
      exports: [Pressure, Reconciler, RenewalModeService, Renewer, TokenReader],
    };
  }
}
