import { Module } from '@nestjs/common';
import { EgressModule } from '#egress';
import { IssuerMetadataClient } from './issuer-metadata.client.js';
import { TokenEndpointClient } from './token-endpoint.client.js';

@Module({
  imports: [EgressModule],
  providers: [TokenEndpointClient, IssuerMetadataClient],
  exports: [TokenEndpointClient, IssuerMetadataClient],
})
export class OauthHttpModule {}
