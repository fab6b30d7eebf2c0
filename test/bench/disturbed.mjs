import { setTimeout as sleep } from 'node:timers/promises';
import { onboardFilled } from './fill-tokens.mjs';
import { keptConnections } from './kept-connections.mjs';
import { quantile } from './load.mjs';
import { residentMiB } from './processes.mjs';
import { withProduct } from './product.mjs';
import { fullSpeed } from './renewal.mjs';

const hot = 20;
const others = 3_000;
const readsPerSecond = 1_000;
const phaseMs = 8_000;

/**
 * Hot reads at a steady rate: with nothing else, while a worker renews other connections as fast as it can, and while
 * PostgreSQL restarts under both.
 *
 * @param {string} databaseUrl a migrated database
 * @param {{ restart(): Promise<void> }} server
 * @returns {Promise<string>} a Markdown table
 */
export function benchDisturbed(databaseUrl, server) {
  return withProduct(databaseUrl, async (product) => {
    const { provider, readsOf } = await onboardFilled(product, { 'hot-': hot, 'other-': others });
    const api = await product.startApi();
    const worker = await product.startWorker(fullSpeed);
    const kept = await keptConnections(new URL(api.origin), readsOf('hot-'), 100);
    await kept.each();
    const rows = [];
    const measure = async (name, work) => {
      await provider.reset(0);
      const untilMs = performance.now() + phaseMs;
      const [slice, told] = await Promise.all([kept.steady(readsPerSecond, untilMs), work(untilMs)]);
      const { asked } = await provider.count();
      rows.push(row(name, slice, asked / (phaseMs / 1_000), told));
    };
    await measure('nothing else', async () => '');
    await measure('a worker renews', (untilMs) => renewAll(product.database, untilMs));
    await measure('PostgreSQL restarts, too', async (untilMs) => {
      const renewing = renewAll(product.database, untilMs);
      await sleep(phaseMs / 4);
      const startedAtMs = performance.now();
      await server.restart();
      const told = `${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s`;
      await renewing;
      return told;
    });
    kept.close();
    return [
      `| ${readsPerSecond} hot reads a second, while | renewals/s | restart | reads | p50 ms | p99 ms | slowest ms | not 200 |`,
      '|---|---|---|---|---|---|---|---|',
      ...rows,
      '',
      `Resident after it: api ${residentMiB(api.pid)} MiB, worker ${residentMiB(worker.pid)} MiB.`,
    ].join('\n');
  });
}

/** Makes what is not due due again, so that the worker never has nothing to do. */
async function renewAll(database, untilMs) {
  while (performance.now() < untilMs) {
    await database
      .query(
        "update gk.connections set next_renewal_at = gk.now() where slug like 'other-%' and coalesce(next_renewal_at > gk.now(), true)",
      )
      .catch(() => undefined);
    await sleep(500);
  }
  return '';
}

function row(name, { answered, failures, latenciesMs }, renewals, told) {
  const cells = [
    name,
    Math.round(renewals),
    told,
    answered,
    quantile(latenciesMs, 0.5).toFixed(1),
    quantile(latenciesMs, 0.99).toFixed(1),
    Math.max(...latenciesMs).toFixed(0),
    failures,
  ];
  return `| ${cells.join(' | ')} |`;
}
