import { type DynamicModule, Module } from '@nestjs/common';
import { SETTINGS } from '#config';
import { VaultModule } from '#vault';
import { Commitment } from './commitment.js';
import { Exchange } from './exchange.js';
import { Journals } from './journals.js';
import { Reissue } from './reissue.js';
import { Replay } from './replay.js';
import { SendSlots } from './send-slots.js';
import { Spending } from './spending.js';
import { TokenRequest } from './token-request.js';

@Module({})
export class ExchangeModule {
  /** @param catalog exports `PROVIDER_REGISTRY`; this lib knows no adapter */
  static with(catalog: NonNullable<DynamicModule['imports']>[number]): DynamicModule {
    return {
      module: ExchangeModule,
      imports: [VaultModule, catalog],
      providers: [
        { provide: Journals, inject: [SETTINGS], useFactory: Journals.open },
        Commitment,
        Exchange,
        Reissue,
        Replay,
        SendSlots,
        Spending,
        TokenRequest,
      ],
      exports: [Exchange, Journals, Replay, Spending],
    };
  }
}
