import { Counter } from 'prom-client';
import { CountedHistogram } from './counted-histogram.js';
import { registry } from './registry.js';

/** How a token read ended: `served`, or the code of its problem document. */
const reads = new Counter({
  name: 'grantkeeper_token_reads_total',
  help: 'Token reads of known callers, by how they ended: served, or the code of the problem document.',
  labelNames: ['result'] as const,
  registers: [registry],
});

const seconds = new CountedHistogram(
  'grantkeeper_token_read_seconds',
  'Time from the request for a token to its answer, renewal included.',
  [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
);
registry.registerMetric(seconds as never);

const served = { result: 'served' } as const;

/** @param beganAtMs `performance.now()` as the request came */
export function countTokenRead(result: string, beganAtMs: number): void {
  reads.inc(result === served.result ? served : { result });
  seconds.observe((performance.now() - beganAtMs) / 1_000);
}
