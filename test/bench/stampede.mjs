import { setTimeout as sleep } from 'node:timers/promises';
import { newKeys, openTenant, tokenRead } from './doors.mjs';
import { keptConnections } from './kept-connections.mjs';
import { quantile } from './load.mjs';
import { bareCredential, withProduct } from './product.mjs';
import { callsOf, countStatements } from './statements.mjs';

const sockets = 5_000;
const providerMs = 50;
const lifeSeconds = 3;

/** Sent by a clock and not for a reader: heartbeats, notes of reads, looks at journals. */
const byItself =
  /pg_notify|listen|note_reads|server_line|journals_compared|close_intents|last_hold|pg_stat_statements/i;

/**
 * Reads of one token that has ended, from 5,000 sockets at each of two replicas at once: each socket sends one. Both
 * replicas have served the token while it lived.
 *
 * @param {string} databaseUrl a migrated database
 * @returns {Promise<string>} a Markdown table
 */
export function benchStampede(databaseUrl) {
  return withProduct(databaseUrl, async (product) => {
    const statements = await countStatements(product.database);
    try {
      const provider = await product.startProvider();
      const replicas = [await product.startApi(), await product.startApi()];
      const { send } = replicas[0];
      const keys = await onboard(send, provider.endpoint);
      const reads = keys.map(({ key }) => tokenRead('main', key));
      const kept = [];
      for (const { origin } of replicas) kept.push(await keptConnections(new URL(origin), reads, sockets));
      await provider.reset(0, lifeSeconds);
      await send('POST', 'tenants/bench/connections', {
        id: 'main',
        credential: 'client',
        grant: 'client_credentials',
      });
      for (const { origin } of replicas) {
        for (const { path, headers } of reads) await (await fetch(origin + path, { headers })).arrayBuffer();
      }
      await sleep(lifeSeconds * 1_000 + 500);
      await provider.reset(providerMs);
      await statements.reset();
      const startedAtMs = performance.now();
      const slices = await Promise.all(kept.map((one) => one.each()));
      const tookMs = performance.now() - startedAtMs;
      const seen = await statements.seen();
      const { asked } = await provider.count();
      for (const one of kept) one.close();
      return table({ slices, tookMs, seen, asked });
    } finally {
      await statements.stop();
    }
  });
}

async function onboard(send, endpoint) {
  await openTenant(send);
  await send('POST', 'tenants/bench/credentials', bareCredential(endpoint));
  return newKeys(send, 'tenants/bench/api_keys', 'token_reader');
}

function table({ slices, tookMs, seen, asked }) {
  const latencies = slices.flatMap(({ latenciesMs }) => latenciesMs);
  const failures = slices.reduce((sum, one) => sum + one.failures, 0);
  const all = callsOf(seen);
  const own = seen.filter(({ query }) => byItself.test(query));
  const refused = slices.flatMap(({ firstFailure }) => firstFailure ?? []);
  return [
    `| ${latencies.length} reads of a token that has ended | |`,
    '|---|---|',
    `| requests to the provider | ${asked} |`,
    `| not 200 | ${failures} |`,
    `| SQL statements | ${all - callsOf(own)} |`,
    `| of these, look-ups of the ${slices.length} × 20 keys | ${callsOf(seen, /tenant_slug as/)} |`,
    `| heartbeats and the like in that time | ${callsOf(own)} |`,
    `| median, s | ${(quantile(latencies, 0.5) / 1_000).toFixed(2)} |`,
    `| slowest, s | ${(Math.max(...latencies) / 1_000).toFixed(2)} |`,
    `| all, s | ${(tookMs / 1_000).toFixed(2)} |`,
    ...refused.map((text) => `\nOne of those that were refused: ${text.replace(/\s+/g, ' ')}`),
    // Which statements they were: `BENCH_STATEMENTS=1`.
    ...(process.env.BENCH_STATEMENTS === '1' ? seen : []).map(
      ({ query, calls }) => `    ${calls} × ${query.replace(/\s+/g, ' ').slice(0, 110)}`,
    ),
  ].join('\n');
}
