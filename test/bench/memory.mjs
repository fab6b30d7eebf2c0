import { setTimeout as sleep } from 'node:timers/promises';
import { keptConnections } from './kept-connections.mjs';
import { median } from './load.mjs';
import { residentMiB, roleOptions } from './processes.mjs';
import { withProduct } from './product.mjs';

const starts = 3;
/** Until memory that only the start needed has been given back, milliseconds. */
const settleMs = 5_000;
const loadMs = 8_000;

/**
 * Memory of api and worker as `npm run start:…` and the images start them, idle and after load, and how long a start
 * takes.
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
    ].join('\n');
  });
}

async function load({ origin }, requests) {
  const kept = await keptConnections(new URL(origin), requests, 100);
  await kept.load(performance.now() + loadMs);
  kept.close();
}
