import autocannon from 'autocannon';

const connections = 32;
const secondsPerRound = 4;
const rounds = 5;

/**
 * Loads the contenders in turn, A B A B …, so that a machine whose speed drifts treats them alike. Loopback only.
 *
 * @param {Record<string, { url: string, headers?: Record<string, string> }>} contenders
 * @returns {Promise<Record<string, { requestsPerSecond: number[], p50Ms: number[], p99Ms: number[], failures: number }>>}
 */
export async function loadInTurn(contenders) {
  const results = Object.fromEntries(
    Object.keys(contenders).map((name) => [
      name,
      { requestsPerSecond: [], p50Ms: [], p99Ms: [], failures: 0 },
    ]),
  );
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, target] of Object.entries(contenders)) {
      const run = await autocannon({ ...target, connections, duration: round === 0 ? 2 : secondsPerRound });
      if (round === 0) continue; // a warm-up
      const result = results[name];
      result.requestsPerSecond.push(run.requests.average);
      result.p50Ms.push(run.latency.p50);
      result.p99Ms.push(run.latency.p99);
      result.failures += run.non2xx + run.errors;
    }
  }
  return results;
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
