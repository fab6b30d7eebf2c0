import { onboardDoors } from './doors.mjs';
import { draw } from './draw.mjs';
import { keptConnections } from './kept-connections.mjs';
import { quantile } from './load.mjs';
import { startBareServer } from './processes.mjs';
import { withProduct } from './product.mjs';

const most = 3;
const sockets = 120;
const rounds = 7;
const loadMs = 700;

/**
 * Hot reads of one, two and three replicas together, beside as many bare servers: the same sockets, shared out among them.
 * All of them, the client and PostgreSQL share the machine.
 *
 * @param {string} databaseUrl a migrated database
 * @returns {Promise<string>} a Markdown table
 */
export function benchReplicas(databaseUrl) {
  return withProduct(databaseUrl, async (product) => {
    await product.startSandbox();
    const first = await product.startApi();
    const { doors, bytes } = await onboardDoors(first);
    const replicas = [first.origin];
    const bare = [];
    while (replicas.length < most) replicas.push((await product.startApi()).origin);
    while (bare.length < most) bare.push(product.keep(await startBareServer(bytes, 'buffer')).url);
    const sets = [];
    for (const [name, urls] of Object.entries({ bare, replicas })) {
      for (let count = 1; count <= most; count += 1) {
        const kept = await Promise.all(
          urls.slice(0, count).map((url) => keptConnections(new URL(url), doors.tenant, sockets / count)),
        );
        sets.push({ name, count, kept, rates: [], failures: 0 });
      }
    }
    // The first round does not count.
    for (let round = 0; round <= rounds; round += 1) {
      for (const set of sets) {
        const { perSecond, failures } = await loadAll(set.kept);
        set.failures += failures;
        if (round > 0) set.rates.push(perSecond);
      }
    }
    for (const { kept } of sets) for (const one of kept) one.close();
    return table(sets);
  });
}

async function loadAll(kept) {
  const startedAtMs = performance.now();
  const slices = await Promise.all(kept.map((one) => one.load(startedAtMs + loadMs)));
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const sum = (key) => slices.reduce((total, one) => total + one[key], 0);
  return { perSecond: sum('answered') / seconds, failures: sum('failures') };
}

function table(sets) {
  // Other work on the machine can only make a round slower: a faster one tells what they can.
  const rateOf = (wanted, count) =>
    quantile(sets.find((set) => set.name === wanted && set.count === count)?.rates ?? [], 0.75);
  const counts = Array.from({ length: most }, (_, at) => at + 1);
  draw('replica-throughput.svg', {
    title: 'Reads a second against the number of replicas',
    y: 'reads/s; replicas, client and PostgreSQL share two cores',
    x: 'processes',
    places: counts.map(String),
    lines: {
      replicas: counts.map((count) => rateOf('replicas', count)),
      'bare servers': counts.map((count) => rateOf('bare', count)),
    },
  });
  const failures = (count) =>
    sets.filter((set) => set.count === count).reduce((sum, set) => sum + set.failures, 0);
  const rows = counts.map((count) => {
    const [own, bare] = [rateOf('replicas', count), rateOf('bare', count)];
    return `| ${count} | ${Math.round(own)} | ${Math.round(bare)} | ${(own / bare).toFixed(2)} | ${failures(count)} |`;
  });
  return [
    '| processes | reads/s of replicas | of bare servers | ratio | not 200 |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
