import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onboardFilled } from './fill-tokens.mjs';
import { keptConnections } from './kept-connections.mjs';
import { quantile } from './load.mjs';
import { stop } from './processes.mjs';
import { withProduct } from './product.mjs';
import { callsOf, countStatements } from './statements.mjs';

const connections = 1_000;
const others = 5_000;
const perSecond = 1_000;
const loadMs = 6_000;

/**
 * A replica that begins with nothing in memory reads each of 1,000 tokens once, and then over and over: with nothing
 * said, and while another process says 1,000 times a second that other connections have changed.
 *
 * @param {string} databaseUrl a migrated database
 * @returns {Promise<string>} a Markdown table
 */
export function benchColdReplica(databaseUrl) {
  return withProduct(databaseUrl, async (product) => {
    const statements = await countStatements(product.database);
    try {
      const { filled, readsOf } = await onboardFilled(product, { 'read-': connections, 'other-': others });
      const reads = readsOf('read-');
      const rows = [];
      for (const rate of [0, perSecond]) {
        const replica = await product.startApi();
        const notifier = rate > 0 ? await startNotifier(databaseUrl, rate, filled['other-']) : undefined;
        if (notifier) product.keep(notifier);
        rows.push(await measure({ replica, statements, reads, notifier }));
        await notifier?.stop();
        await replica.stop();
      }
      return [
        '| notifications/s | hit ratio | of reads | asked the database | reads/s | p50 ms | p99 ms | not 200 |',
        '|---|---|---|---|---|---|---|---|',
        ...rows,
      ].join('\n');
    } finally {
      await statements.stop();
    }
  });
}

async function measure({ replica, statements, reads, notifier }) {
  const kept = await keptConnections(new URL(replica.origin), reads, 100);
  const first = await kept.each();
  const before = await served(replica.origin);
  await statements.reset();
  const startedAtMs = performance.now();
  const { answered, failures, latenciesMs } = await kept.load(startedAtMs + loadMs);
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const asked = callsOf(await statements.seen(), /read_token/);
  const said = notifier ? await notifier.said() : 0;
  const counted = (await served(replica.origin)) - before;
  kept.close();
  const cells = [
    Math.round(said),
    (1 - asked / counted).toFixed(3),
    counted,
    asked,
    Math.round(answered / seconds),
    quantile(latenciesMs, 0.5).toFixed(1),
    quantile(latenciesMs, 0.99).toFixed(1),
    first.failures + failures,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Reads that the replica has answered, by its own metrics. */
async function served(origin) {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return Number(/^grantkeeper_token_reads_total\{result="served"\} (\d+)/m.exec(text)?.[1] ?? 0);
}

async function startNotifier(databaseUrl, rate, other) {
  const program = fileURLToPath(new URL('notifier.mjs', import.meta.url));
  const child = fork(program, [databaseUrl, String(rate)]);
  await once(child, 'message');
  child.send(other);
  return {
    /** Per second. */
    said: async () => {
      child.send('said');
      const [{ said, seconds }] = await once(child, 'message');
      return said / seconds;
    },
    stop: () => stop(child),
  };
}
