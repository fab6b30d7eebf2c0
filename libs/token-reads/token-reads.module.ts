import { type DynamicModule, Module } from '@nestjs/common';
import { VaultModule } from '#vault';
import { ReadNotes } from './read-notes.js';
import { TokenReader } from './token-reader.js';

@Module({})
export class TokenReadsModule {
  /** @param renewal exports `Renewer` */
  static with(renewal: DynamicModule): DynamicModule {
    return {
      module: TokenReadsModule,
      imports: [VaultModule, renewal],
      providers: [ReadNotes, TokenReader],
      exports: [TokenReader],
    };
  }
}
