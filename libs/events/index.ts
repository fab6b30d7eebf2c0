export { DeliveryDispatcher } from './delivery-dispatcher.js';
export { eventTypes } from './event-types.js';
export { EventsModule } from './events.module.js';
export { messageId, messageIdPattern } from './signature.js';
export { type Resent, WebhookService } from './webhook.service.js';
