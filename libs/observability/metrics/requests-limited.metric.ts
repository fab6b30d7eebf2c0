import { Counter } from 'prom-client';
import { registry } from './registry.js';

const limited = new Counter({
  name: 'grantkeeper_requests_limited_total',
  help: 'Requests of known callers that this process refused with 429, by whose limit: of the tenant, or of the caller.',
  labelNames: ['limit'] as const,
  registers: [registry],
});
// Prometheus sees a counter rise only from a value that it has seen before.
for (const limit of ['tenant', 'caller'] as const) limited.inc({ limit }, 0);

export function countRequestLimited(limit: 'tenant' | 'caller'): void {
  limited.inc({ limit });
}
