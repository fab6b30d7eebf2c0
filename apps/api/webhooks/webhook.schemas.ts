import { z } from 'zod';
import { eventTypes, messageId } from '#events';
import { type Delivery, deliveryStatuses, type Webhook } from '#vault';
import { displayName, rfc3339, slug, timestamp } from '../http/common.schemas.js';
import { numberedPageQuery } from '../http/page.schemas.js';

const events = z
  .array(z.enum(eventTypes, { error: `must be one of ${eventTypes.join(', ')}` }))
  .min(1, 'must name at least one event type')
  .refine((types) => new Set(types).size === types.length, 'must name each event type once');

const url = z.url({ error: 'must be a URL' }).max(2_048, 'must have at most 2048 characters');

export const newWebhookSchema = z.strictObject({
  url: url.describe('Public https. Messages are posted to it.'),
  description: displayName.nullish(),
  events: events.nullish().describe('Absent: all.'),
});
export type NewWebhookBody = z.output<typeof newWebhookSchema>;

export const webhookSchema = z.strictObject({
  id: z.uuid(),
  url: z.string(),
  description: z.string().nullable(),
  events: z.array(z.enum(eventTypes)).nullable().describe('Null: all.'),
  failing_since: timestamp.nullable().describe('Since then every attempt has failed.'),
  disabled_at: timestamp.nullable().describe('It answered 410 Gone: nothing is sent to it any more.'),
  created_at: timestamp,
});

export const createdWebhookSchema = webhookSchema.extend({
  secret: z
    .string()
    .optional()
    .describe('Verifies the signatures (Standard Webhooks), shown this once: not in a replay.'),
});

export function webhookJson(webhook: Webhook) {
  return {
    id: webhook.id,
    url: webhook.url,
    description: webhook.description,
    events: webhook.events,
    failing_since: rfc3339(webhook.failingSince),
    disabled_at: rfc3339(webhook.disabledAt),
    created_at: rfc3339(webhook.createdAt),
  };
}

export const deliveryQuerySchema = z.strictObject({
  ...numberedPageQuery,
  status: z.enum(deliveryStatuses, { error: `must be one of ${deliveryStatuses.join(', ')}` }).optional(),
});
export type DeliveryQuery = z.output<typeof deliveryQuerySchema>;

export const deliverySchema = z.strictObject({
  id: z.string().describe('Sent as webhook-id, the same at every attempt.'),
  webhook: z.uuid(),
  connection: slug,
  type: z.enum(eventTypes),
  status: z.enum(deliveryStatuses),
  attempts: z.int().min(0),
  next_attempt_at: timestamp.nullable().describe('Null: ended, or waiting for an earlier one.'),
  last_status: z.int().nullable().describe('HTTP status of the last answer, where one came.'),
  last_error: z.string().nullable(),
  first_attempted_at: timestamp.nullable(),
  last_attempted_at: timestamp.nullable(),
  delivered_at: timestamp.nullable(),
  created_at: timestamp,
  payload: z.record(z.string(), z.unknown()),
});

export function deliveryJson(delivery: Delivery) {
  return {
    id: messageId(delivery.messageId),
    webhook: delivery.webhookId,
    connection: delivery.connection,
    type: delivery.type,
    status: delivery.status,
    attempts: delivery.attempts,
    next_attempt_at: rfc3339(delivery.nextAttemptAt),
    last_status: delivery.lastStatus,
    last_error: delivery.lastError,
    first_attempted_at: rfc3339(delivery.firstAttemptedAt),
    last_attempted_at: rfc3339(delivery.lastAttemptedAt),
    delivered_at: delivery.status === 'delivered' ? rfc3339(delivery.endedAt) : null,
    created_at: rfc3339(delivery.createdAt),
    payload: delivery.payload,
  };
}
