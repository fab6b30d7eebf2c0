import { Module } from '@nestjs/common';
import { OauthHttpModule } from '#oauth-http';
import { VonageNetworkAdapter } from './vonage-network.adapter.js';

@Module({
  imports: [OauthHttpModule],
  providers: [VonageNetworkAdapter],
  exports: [VonageNetworkAdapter],
})
class VonageNetworkModule {}

export const vonageNetwork = { module: VonageNetworkModule, adapter: VonageNetworkAdapter };
