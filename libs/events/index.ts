export { DeliveryDispatcher } from './delivery-dispatcher.js';
export { type EventType, eventTypes } from './event-types.js';
export { EventsModule } from './events.module.js';
export { messageId, messageIdPattern } from './signature.js';
export { type Resent, type WantedWebhook, WebhookService } from './webhook.service.js';
