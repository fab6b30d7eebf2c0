import { Module } from '@nestjs/common';
import { OauthHttpModule } from '#oauth-http';
import { VonageContactCenterAdapter } from './vonage-contact-center.adapter.js';

@Module({
  imports: [OauthHttpModule],
  providers: [VonageContactCenterAdapter],
  exports: [VonageContactCenterAdapter],
})
class VonageContactCenterModule {}

export const vonageContactCenter = { module: VonageContactCenterModule, adapter: VonageContactCenterAdapter };
