import { type DynamicModule, Module } from '@nestjs/common';
import { VaultModule } from '#vault';
import { ReadNotes } from './read-notes.js';
import { TokenReader } from './token-reader.js';

@Module({})
export class TokenReadsModule {
  /**
   * @param catalog exports `PROVIDER_REGISTRY`
   * @param renewal exports `Renewer`
   */
  static with(catalog: NonNullable<DynamicModule['imports']>[number], renewal: DynamicModule): DynamicModule {
    return {
      module: TokenReadsModule,
      imports: [VaultModule, catalog, renewal],
      providers: [ReadNotes, TokenReader],
      exports: [TokenReader],
    };
  }
}
