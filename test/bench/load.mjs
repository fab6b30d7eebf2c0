import autocannon from 'autocannon';
import { processorSeconds } from './processes.mjs';

const connections = 100;
const secondsPerSlice = 1;
const slices = 7;

/**
 * Loads the contenders in turn, A B A B …, in short slices, so that a machine whose speed drifts treats them alike.
 * Each request costs its server so much processor time: that counts, because it depends little on what else runs.
 * Loopback only.
 *
 * @typedef {{ pid: number, requests: readonly import('autocannon').Request[], url: string }} Contender
 * @typedef {{ microseconds: number, requestsPerSecond: number, p50Ms: number, p99Ms: number, failures: number }} Result
 * @param {Record<string, Contender>} contenders of `requests` each connection sends one, over and over
 * @returns {Promise<Record<string, Result>>} medians of the slices; `failures` of all together
 */
export async function loadInTurn(contenders) {
  const seen = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let slice = -1; slice < slices; slice += 1) {
    for (const [name, contender] of Object.entries(contenders)) {
      const measured = await loadOnce(contender);
      // The first is a warm-up.
      if (slice >= 0) seen[name]?.push(measured);
    }
  }
  return Object.fromEntries(
    Object.entries(seen).map(([name, all]) => {
      const middle = (key) => median(all.map((one) => one[key]));
      return [
        name,
        {
          microseconds: middle('microseconds'),
          requestsPerSecond: middle('requestsPerSecond'),
          p50Ms: middle('p50Ms'),
          p99Ms: middle('p99Ms'),
          failures: all.reduce((sum, one) => sum + one.failures, 0),
        },
      ];
    }),
  );
}

/** @param {Contender} contender */
async function loadOnce({ pid, url, requests }) {
  const before = processorSeconds(pid);
  let next = 0;
  const run = await autocannon({
    url,
    connections,
    duration: secondsPerSlice,
    setupClient: (client) => {
      client.setRequests([requests[next % requests.length]]);
      next += 1;
    },
  });
  const answered = run.requests.total;
  return {
    microseconds: ((processorSeconds(pid) - before) * 1_000_000) / answered,
    requestsPerSecond: run.requests.average,
    p50Ms: run.latency.p50,
    p99Ms: run.latency.p99,
    failures: run.non2xx + run.errors,
  };
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
