import { Module } from '@nestjs/common';
import { OauthHttpModule } from '#oauth-http';
import { VaultModule } from '#vault';
import { DeliveryDispatcher } from './delivery-dispatcher.js';
import { WebhookService } from './webhook.service.js';

@Module({
  imports: [VaultModule, OauthHttpModule],
  providers: [WebhookService, DeliveryDispatcher],
  exports: [WebhookService, DeliveryDispatcher],
})
export class EventsModule {}
