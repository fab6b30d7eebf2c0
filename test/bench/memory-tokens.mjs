import { setTimeout as sleep } from 'node:timers/promises';
import { onboardFilled } from './fill-tokens.mjs';
import { keptConnections } from './kept-connections.mjs';
import { residentMiB } from './processes.mjs';
import { withProduct } from './product.mjs';

/** As many as an api keeps unless a setting says otherwise. */
const tokens = 50_000;
/** Until memory that only the start needed has been given back, milliseconds. */
const settleMs = 5_000;
const loadMs = 8_000;

/**
 * Memory of an api as `npm run start:api` and the image start it, with 50,000 tokens of about 1 KB in memory: once each
 * was read, and after they were read in turn for a while.
 *
 * @param {string} databaseUrl a migrated database
 * @returns {Promise<string>} a Markdown table
 */
export function benchMemoryTokens(databaseUrl) {
  return withProduct(databaseUrl, async (product) => {
    const { readsOf } = await onboardFilled(product, { c: tokens });
    const api = await product.startApi({ GRANTKEEPER_CACHE_TOKENS: String(tokens) });
    await sleep(settleMs);
    const idle = residentMiB(api.pid);
    const kept = await keptConnections(new URL(api.origin), readsOf('c'), 100);
    const { failures } = await kept.each();
    const once = residentMiB(api.pid);
    const slice = await kept.load(performance.now() + loadMs);
    const loaded = residentMiB(api.pid);
    kept.close();
    await sleep(settleMs);
    const metrics = await (await fetch(`${api.origin}/metrics`)).text();
    const told = (name) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(metrics)?.[1]);
    const heap = (name) => Math.round(told(`nodejs_${name}_bytes`) / 2 ** 20);
    return [
      '| api, tokens in memory | idle before, MiB | each read once | after load, MiB | five seconds later | reads | not 200 |',
      '|---|---|---|---|---|---|---|',
      `| ${told('grantkeeper_cache_entries\\{cache="tokens"\\}')} | ${idle} | ${once} | ${loaded} | ${residentMiB(api.pid)} | ${slice.answered} | ${failures + slice.failures} |`,
      '',
      `Of these, heap ${heap('heap_size_total')} MiB, used ${heap('heap_size_used')}; beside it ${heap('external_memory')} MiB.`,
    ].join('\n');
  });
}
