import { Module } from '@nestjs/common';
import { AccessModule } from '#access';
import { CoreModule } from '#core';
import { BatchRoutes } from './batch/batch.routes.js';
import { CachedTokenReads } from './fast-path/cached-token-reads.js';
import { ForwardAuthRoutes } from './forward-auth/forward-auth.routes.js';
import { UpstreamHosts } from './forward-auth/upstream-hosts.js';
import { Issuer } from './oauth2/issuer.js';
import { MetadataController } from './oauth2/metadata.controller.js';
import { TokenClients } from './oauth2/token-clients.js';
import { TokenEndpoint } from './oauth2/token-endpoint.js';
import { TokenEndpointRoutes } from './oauth2/token-endpoint.routes.js';
import { RecordedTokenReads } from './recorded-token-reads.js';
import { RejectionsController } from './rejections.controller.js';
import { TokenRoutes } from './token.routes.js';
import { TokenAdmission } from './token-admission.js';

@Module({
  imports: [CoreModule, AccessModule],
  controllers: [RejectionsController, MetadataController],
  providers: [
    CachedTokenReads,
    RecordedTokenReads,
    TokenAdmission,
    TokenRoutes,
    BatchRoutes,
    UpstreamHosts,
    ForwardAuthRoutes,
    Issuer,
    TokenClients,
    TokenEndpoint,
    TokenEndpointRoutes,
  ],
})
export class TokenModule {}
