import { Counter } from 'prom-client';
import { CountedHistogram } from './counted-histogram.js';
import { registry } from './registry.js';

/** Reads that were served since the counter was last asked for. */
let servedSince = 0;

/** How a token read ended: `served`, or the code of its problem document. */
const reads = new Counter({
  name: 'grantkeeper_token_reads_total',
  help: 'Token reads of known callers, by how they ended: served, or the code of the problem document.',
  labelNames: ['result'] as const,
  registers: [registry],
  // A token from memory costs a few microseconds; the making of a label's key is worth one of them.
  collect() {
    this.inc({ result: 'served' }, servedSince);
    servedSince = 0;
  },
});

const seconds = new CountedHistogram(
  'grantkeeper_token_read_seconds',
  'Time from the request for a token to its answer, renewal included.',
  [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
);
registry.registerMetric(seconds as never);

/** @param tookMs from the request to its answer */
export function countTokenRead(result: string, tookMs: number): void {
  if (result === 'served') servedSince += 1;
  else reads.inc({ result });
  seconds.observe(tookMs / 1_000);
}
