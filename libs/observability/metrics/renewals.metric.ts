import { Counter, Histogram } from 'prom-client';
import { registry } from './registry.js';

const renewals = new Counter({
  name: 'grantkeeper_renewals_total',
  help: 'Attempts to renew, by how they ended: renewed, failed, ended (only a new authorisation helps), pending, superseded, returned.',
  labelNames: ['provider', 'outcome'] as const,
  registers: [registry],
});

const seconds = new Histogram({
  name: 'grantkeeper_renewal_seconds',
  help: 'Time of an attempt to renew, from its claim to its end in the database.',
  labelNames: ['provider'] as const,
  buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  registers: [registry],
});

export function countRenewal(provider: string, outcome: string, tookMs: number): void {
  renewals.inc({ provider, outcome });
  seconds.observe({ provider }, tookMs / 1_000);
}
