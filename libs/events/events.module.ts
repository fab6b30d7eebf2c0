import { Module } from '@nestjs/common';
import { EgressModule } from '#egress';
import { VaultModule } from '#vault';
import { DeliveryDispatcher } from './delivery-dispatcher.js';
import { WebhookService } from './webhook.service.js';

@Module({
  imports: [VaultModule, EgressModule],
  providers: [WebhookService, DeliveryDispatcher],
  exports: [WebhookService, DeliveryDispatcher],
})
export class EventsModule {}
