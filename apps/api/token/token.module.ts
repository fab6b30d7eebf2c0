import { Module } from '@nestjs/common';
import { AccessModule } from '#access';
import { CoreModule } from '#core';
import { CachedTokenReads } from './fast-path/cached-token-reads.js';
import { Issuer } from './oauth2/issuer.js';
import { MetadataController } from './oauth2/metadata.controller.js';
import { TokenEndpoint } from './oauth2/token-endpoint.js';
import { TokenEndpointRoutes } from './oauth2/token-endpoint.routes.js';
import { RejectionsController } from './rejections.controller.js';
import { TokenRoutes } from './token.routes.js';

@Module({
  imports: [CoreModule, AccessModule],
  controllers: [RejectionsController, MetadataController],
  providers: [CachedTokenReads, TokenRoutes, Issuer, TokenEndpoint, TokenEndpointRoutes],
})
export class TokenModule {}
