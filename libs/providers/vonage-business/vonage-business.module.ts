import { Module } from '@nestjs/common';
import { OauthHttpModule } from '#oauth-http';
import { VonageBusinessAdapter } from './vonage-business.adapter.js';

@Module({
  imports: [OauthHttpModule],
  providers: [VonageBusinessAdapter],
  exports: [VonageBusinessAdapter],
})
class VonageBusinessModule {}

export const vonageBusiness = { module: VonageBusinessModule, adapter: VonageBusinessAdapter };
