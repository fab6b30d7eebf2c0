import { type DynamicModule, Module } from '@nestjs/common';
import { VaultModule } from '#vault';
import { Exchange } from './exchange.js';
import { Reissue } from './reissue.js';

@Module({})
export class ExchangeModule {
  /** @param catalog exports `PROVIDER_REGISTRY`; this lib knows no adapter */
  static with(catalog: NonNullable<DynamicModule['imports']>[number]): DynamicModule {
    return {
      module: ExchangeModule,
      imports: [VaultModule, catalog],
      providers: [Exchange, Reissue],
      exports: [Exchange],
    };
  }
}
