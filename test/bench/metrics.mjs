import { onboardDoors } from './doors.mjs';
import { keptConnections } from './kept-connections.mjs';
import { quantile } from './load.mjs';
import { processorSeconds } from './processes.mjs';
import { withProduct } from './product.mjs';

const rounds = 40;
const scrapes = 25;

/**
 * The processor time of one answer of `/metrics` by an api process that has served reads: what a scraper takes from them.
 * Beside each other the difference of two loads is smaller than what other work on a machine makes of it.
 *
 * @param {string} databaseUrl a migrated database
 * @returns {Promise<string>} a Markdown table
 */
export function benchMetrics(databaseUrl) {
  return withProduct(databaseUrl, async (product) => {
    await product.startSandbox();
    const api = await product.startApi();
    const { origin } = api;
    const { doors } = await onboardDoors(api);
    const kept = await keptConnections(new URL(origin), doors.tenant, 100);
    const { answered } = await kept.load(performance.now() + 2_000);
    kept.close();
    const seen = [];
    let lines = 0;
    for (let round = 0; round < rounds; round += 1) {
      const before = processorSeconds(api.pid);
      for (let scrape = 0; scrape < scrapes; scrape += 1) {
        lines = (await (await fetch(`${origin}/metrics`)).text()).split('\n').length;
      }
      seen.push(((processorSeconds(api.pid) - before) * 1_000) / scrapes);
    }
    const ms = quantile(seen, 0.5);
    return [
      '## Metrics',
      '',
      `One answer of \`/metrics\` (${lines} lines, after ${answered} reads): ${ms.toFixed(2)} ms of processor time (median of ${rounds} rounds`,
      `of ${scrapes}). Asked for each second, that is ${(ms / 10).toFixed(2)} % of a processor; every 15 seconds, ${(ms / 150).toFixed(3)} %.`,
    ].join('\n');
  });
}
