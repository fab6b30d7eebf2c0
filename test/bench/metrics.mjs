import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptConnections } from './kept-connections.mjs';
import { quantile } from './load.mjs';
import { freePort, processorSeconds, startRole } from './processes.mjs';
import { onboard } from './token-read.mjs';

const rounds = 40;
const scrapes = 25;

/**
 * The processor time of one answer of `/metrics` by an api process that has served reads: what a scraper takes from them.
 * Beside each other the difference of two loads is smaller than what other work on a machine makes of it.
 *
 * @param {string} databaseUrl a migrated database
 * @returns {Promise<string>} a Markdown table
 */
export async function benchMetrics(databaseUrl) {
  const dataDir = mkdtempSync(join(tmpdir(), 'grantkeeper-bench-'));
  const running = [];
  try {
    const sandboxPort = String(await freePort());
    running.push(await startRole('sandbox', { SANDBOX_PORT: sandboxPort }));
    const adminKey = randomBytes(20).toString('hex');
    const origin = `http://127.0.0.1:${await freePort()}`;
    const api = await startRole('api', {
      PORT: new URL(origin).port,
      DATABASE_URL: databaseUrl,
      GRANTKEEPER_DATA_DIR: dataDir,
      GRANTKEEPER_BOOTSTRAP_KEY: adminKey,
      GRANTKEEPER_PROVIDER_ENDPOINTS: `{"vonage-contact-center":"http://127.0.0.1:${sandboxPort}"}`,
    });
    running.push(api);
    const { doors } = await onboard(origin, adminKey);
    const kept = await keptConnections(new URL(origin), doors.tenant, 100);
    const { answered } = await kept.load(performance.now() + 2_000);
    kept.close();
    const seen = [];
    let lines = 0;
    for (let round = 0; round < rounds; round += 1) {
      const before = processorSeconds(api.pid);
      for (let scrape = 0; scrape < scrapes; scrape += 1) {
        lines = (await (await fetch(`${origin}/metrics`)).text()).split('\n').length;
      }
      seen.push(((processorSeconds(api.pid) - before) * 1_000) / scrapes);
    }
    const ms = quantile(seen, 0.5);
    return [
      '## Metrics',
      '',
      `One answer of \`/metrics\` (${lines} lines, after ${answered} reads): ${ms.toFixed(2)} ms of processor time (median of ${rounds} rounds`,
      `of ${scrapes}). Asked for each second, that is ${(ms / 10).toFixed(2)} % of a processor; every 15 seconds, ${(ms / 150).toFixed(3)} %.`,
    ].join('\n');
  } finally {
    for (const process of running.reverse()) await process.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
