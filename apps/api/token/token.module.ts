import { Module } from '@nestjs/common';
import { AccessModule } from '#access';
import { CoreModule } from '#core';
import { CachedTokenReads } from './fast-path/cached-token-reads.js';
import { RejectionsController } from './rejections.controller.js';
import { TokenRoutes } from './token.routes.js';

@Module({
  imports: [CoreModule, AccessModule],
  controllers: [RejectionsController],
  providers: [CachedTokenReads, TokenRoutes],
})
export class TokenModule {}
