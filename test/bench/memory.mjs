import { setTimeout as sleep } from 'node:timers/promises';
import { onboardFilled } from './fill-tokens.mjs';
import { keptConnections } from './kept-connections.mjs';
import { median } from './load.mjs';
import { residentMiB, roleOptions } from './processes.mjs';
import { withProduct } from './product.mjs';

const starts = 3;
/** Until memory that only the start needed has been given back, milliseconds. */
const settleMs = 5_000;
const loadMs = 8_000;
/** As many as an api keeps unless a setting says otherwise. */
const tokens = 50_000;

/**
 * Memory of api and worker as `npm run start:…` and the images start them, idle and after load, and how long a start
 * takes; and of an api that has read 50,000 tokens of about 1 KB.
 *
 * @param {string} databaseUrl a migrated database
 * @returns {Promise<string>} a Markdown table
 */
export function benchMemory(databaseUrl) {
  return withProduct(databaseUrl, async (product) => {
    const rows = [];
    for (const [role, start] of /** @type {const} */ ([
      ['api', product.startApi],
      ['worker', product.startWorker],
    ])) {
      const startMs = [];
      for (let turn = 1; turn <= starts; turn += 1) {
        const startedAtMs = performance.now();
        const running = await start({}, roleOptions(role));
        startMs.push(performance.now() - startedAtMs);
        if (turn === starts) {
          await sleep(settleMs);
          const idle = residentMiB(running.pid);
          const paths = ['/v1/tenants', '/v1/providers', '/readyz'];
          const headers = { authorization: `Bearer ${product.adminKey}` };
          await load(
            running,
            paths.map((path) => ({ method: 'GET', path, headers })),
          );
          rows.push([role, Math.round(median(startMs)), idle, residentMiB(running.pid)]);
        }
        await running.stop();
      }
    }
    return [
      '| role | start to ready, ms | resident when idle, MiB | after load, MiB |',
      '|---|---|---|---|',
      ...rows.map((row) => `| ${row.join(' | ')} |`),
      '',
      ...(await withTokens(product)),
    ].join('\n');
  });
}

/** @param {Parameters<Parameters<typeof withProduct>[1]>[0]} product */
async function withTokens(product) {
  const { readsOf } = await onboardFilled(product, { c: tokens });
  const api = await product.startApi({ GRANTKEEPER_CACHE_TOKENS: String(tokens) }, roleOptions('api'));
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
  const inMemory = /^grantkeeper_cache_entries\{cache="tokens"\} (\d+)/m.exec(metrics)?.[1];
  return [
    '| api, tokens in memory | idle before, MiB | each read once | after load, MiB | five seconds later | reads | not 200 |',
    '|---|---|---|---|---|---|---|',
    `| ${inMemory} | ${idle} | ${once} | ${loaded} | ${residentMiB(api.pid)} | ${slice.answered} | ${failures + slice.failures} |`,
  ];
}

async function load({ origin }, requests) {
  const kept = await keptConnections(new URL(origin), requests, 100);
  await kept.load(performance.now() + loadMs);
  kept.close();
}
