import { type DynamicModule, Module } from '@nestjs/common';
import { AccessModule } from '#access';
import { VaultModule } from '#vault';
import { CachedTokenReads } from './cached-token-reads.js';
import { RejectionsController } from './rejections.controller.js';
import { TokenRoutes } from './token.routes.js';

@Module({})
export class TokenModule {
  /** @param renewal exports `Renewer` and `TokenReader` */
  static with(renewal: DynamicModule): DynamicModule {
    return {
      module: TokenModule,
      imports: [AccessModule, VaultModule, renewal],
      controllers: [RejectionsController],
      providers: [CachedTokenReads, TokenRoutes],
    };
  }
}
