import { draw } from './draw.mjs';
import { onboardFilled } from './fill-tokens.mjs';
import { keptConnections } from './kept-connections.mjs';
import { loadInTurn } from './load.mjs';
import { startBareServer } from './processes.mjs';
import { withProduct } from './product.mjs';

const sizes = [1_000, 10_000, 100_000];
const slices = 20;
/** Of all connections, evenly spread: so many are read in turn. */
const mostRead = 10_000;

/**
 * The price of a read with so many connections in the installation, of which up to 10,000 are read in turn: found in
 * memory, and not found there. The processor time is that of the api and, of what is not in memory, of its sessions at the database.
 *
 * @param {string} databaseUrl a migrated database
 * @returns {Promise<string>} a Markdown table
 */
export async function benchGrowth(databaseUrl) {
  const seen = [];
  for (const size of sizes) seen.push(await measure(databaseUrl, size));
  const places = sizes.map((size) => size.toLocaleString('en'));
  const costs = (name) => seen.map((results) => results[name]?.microseconds ?? 0);
  draw('read-cost.svg', {
    title: 'Price of a read against the number of connections',
    y: 'processor time of api and database sessions, µs',
    x: 'connections in the installation, up to 10,000 of them read in turn',
    places,
    lines: {
      'not in memory': costs('cold'),
      'in memory': costs('hot'),
      'bare server': costs('bare'),
    },
  });
  const rows = seen.map((results, at) => {
    const cells = ['bare', 'hot', 'cold'].map((name) => (results[name]?.microseconds ?? 0).toFixed(1));
    const failures = Object.values(results).reduce((sum, one) => sum + one.failures, 0);
    return `| ${places[at]} | ${cells.join(' | ')} | ${failures} |`;
  });
  return [
    '| connections | bare server, µs | in memory, µs | not in memory, µs | not 200 |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function measure(databaseUrl, size) {
  return withProduct(databaseUrl, async (product) => {
    const { readsOf } = await onboardFilled(product, { c: size });
    const step = Math.max(1, size / mostRead);
    const requests = readsOf('c').filter((_read, n) => n % step === 0);
    const bare = product.keep(await startBareServer(1_200, 'buffer'));
    const hot = await product.startApi({ GRANTKEEPER_CACHE_TOKENS: String(size) });
    await once(hot, requests);
    const before = await sessions(product.database);
    const cold = await product.startApi({ GRANTKEEPER_CACHE_TOKENS: '100' });
    await once(cold, requests.slice(0, 1_000));
    const own = (await sessions(product.database)).filter((pid) => !before.includes(pid));
    return loadInTurn(
      {
        bare: { pid: bare.pid, url: bare.url, requests },
        hot: { pid: hot.pid, url: hot.origin, requests },
        cold: { pid: cold.pid, also: own, url: cold.origin, requests },
      },
      slices,
    );
  });
}

async function once({ origin }, requests) {
  const kept = await keptConnections(new URL(origin), requests, 100);
  await kept.each();
  kept.close();
}

/** Those of the pools: the session that hears of changes does nothing for a read. */
async function sessions(database) {
  const { rows } = await database.query(
    `select pid from pg_stat_activity
     where datname = current_database() and application_name = 'grantkeeper' and pid <> pg_backend_pid()`,
  );
  return rows.map(({ pid }) => pid);
}
