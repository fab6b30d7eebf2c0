import { type DynamicModule, Module } from '@nestjs/common';
import { VaultModule } from '#vault';
import { Renewer } from './renewer.js';
import { TokenCache } from './token-cache.js';
import { TokenReader } from './token-reader.js';

@Module({})
export class RenewalModule {
  /** @param exchange exports `Exchange` */
  static with(exchange: DynamicModule): DynamicModule {
    return {
      module: RenewalModule,
      imports: [VaultModule, exchange],
      providers: [Renewer, TokenCache, TokenReader],
      exports: [Renewer, TokenReader],
    };
  }
}
