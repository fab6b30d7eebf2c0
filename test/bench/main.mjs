import { once } from 'node:events';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { benchColdRead } from './cold-read.mjs';
import { benchColdReplica } from './cold-replica.mjs';
import { benchDisturbed } from './disturbed.mjs';
import { benchGrowth } from './growth.mjs';
import { benchLists } from './lists.mjs';
import { medians } from './medians.mjs';
import { benchMemory } from './memory.mjs';
import { benchMemoryTokens } from './memory-tokens.mjs';
import { benchMetrics } from './metrics.mjs';
import { measureRenewals, renewalTable } from './renewal.mjs';
import { measurePrice, priceTable } from './renewal-price.mjs';
import { benchReplicas } from './replicas.mjs';
import { benchStampede } from './stampede.mjs';
import { benchStart } from './start.mjs';
import { benchTokenRead } from './token-read.mjs';

/** Each part prints its table; those that are named run, else all. */
const parts = {
  'token-read': benchTokenRead,
  'cold-read': benchColdRead,
  'cold-replica': benchColdReplica,
  stampede: benchStampede,
  disturbed: benchDisturbed,
  growth: benchGrowth,
  replicas: benchReplicas,
  lists: benchLists,
  memory: benchMemory,
  'memory-tokens': benchMemoryTokens,
  start: benchStart,
  metrics: benchMetrics,
  renewal: async (url) =>
    renewalTable(await measureRenewals(url, Number(process.env.BENCH_RENEWALS ?? 2_000))),
  'renewal-price': async (url) => {
    // It times statements on what renewals have left behind.
    await measureRenewals(url, 300);
    return priceTable(await measurePrice(url));
  },
};
const { values, positionals: wanted } = parseArgs({
  options: { runs: { type: 'string', default: process.env.BENCH_RUNS ?? '1' } },
  allowPositionals: true,
});
const unknown = wanted.find((name) => !Object.hasOwn(parts, name));
if (unknown) throw new Error(`There is no part ${unknown}; one of: ${Object.keys(parts).join(', ')}`);

/** For one run of one part. */
const patienceMs = 900_000;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const thread = new Worker(new URL('database-thread.mjs', import.meta.url));
const [databaseUrl] = await once(thread, 'message');
const tell = async (message) => {
  thread.postMessage(message);
  await once(thread, 'message');
};
try {
  const url = new URL(databaseUrl);
  url.pathname = '/gk_template';
  const load = () => `load ${(loadavg()[0] ?? 0).toFixed(1)}`;
  process.stdout.write(
    `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${load()}\n\n`,
  );
  for (const [name, bench] of Object.entries(parts)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const outputs = [];
    while (outputs.length < Number(values.runs)) {
      const bound = setTimeout(() => process.exit(1), patienceMs);
      outputs.push(await bench(url.href, { restart: () => tell('restart') }));
      clearTimeout(bound);
    }
    process.stdout.write(`${medians(outputs)}\n\n`);
  }
  process.stdout.write(`${load()}\n`);
} finally {
  await tell('remove');
}
