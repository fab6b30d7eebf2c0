import { Counter } from 'prom-client';
import { registry } from './registry.js';

const deliveries = new Counter({
  name: 'grantkeeper_webhook_deliveries_total',
  help: 'Attempts to deliver a webhook, by how they ended: delivered, pending (will be retried), dead (given up).',
  labelNames: ['outcome'] as const,
  registers: [registry],
});

export function countWebhookDelivery(outcome: 'delivered' | 'pending' | 'dead'): void {
  deliveries.inc({ outcome });
}
