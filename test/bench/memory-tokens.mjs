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

/** Of an opaque access token, and of a signed JWT with some claims, characters. */
const lengths = [320, 1_020];

/**
 * Memory of an api as `npm run start:api` and the image start it, with 50,000 tokens in memory: once each was read, and
 * after they were read in turn for a while, as fast as it can.
 *
 * @param {string} databaseUrl a migrated database
 * @returns {Promise<string>} a Markdown table
 */
export async function benchMemoryTokens(databaseUrl) {
  const rows = [];
  for (const length of lengths)
    rows.push(await withProduct(databaseUrl, (product) => measure(product, length)));
  return [
    '| api, tokens in memory | characters each | idle before, MiB | each read once | after load, MiB | five seconds later | of it heap | in use | reads | not 200 |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}

async function measure(product, length) {
  const { readsOf } = await onboardFilled(product, { c: tokens }, length);
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
  const heap = (name) => Math.round(told(`nodejs_heap_size_${name}_bytes`) / 2 ** 20);
  const inMemory = told('grantkeeper_cache_entries\\{cache="tokens"\\}');
  return [
    inMemory,
    length,
    idle,
    once,
    loaded,
    residentMiB(api.pid),
    heap('total'),
    heap('used'),
    slice.answered,
    failures + slice.failures,
  ];
}
