import { fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { median } from './load.mjs';
import { freePort, startRole } from './processes.mjs';

const atOnce = 64;
const rounds = 3;

/**
 * Renewals of one worker process, with everything that makes them safe, against a bare loop: once with a provider
 * that answers at once and once with one that takes 50 ms. In turns, A B A B.
 *
 * @param {string} databaseUrl a migrated database
 * @param {number} count connections, of a provider that rotates strictly
 * @returns {Promise<{ providerMs: number, worker: number, bare: number, ratio: number }[]>} renewals per second
 */
export async function measureRenewals(databaseUrl, count) {
  const results = [];
  for (const providerMs of [0, 50]) results.push(await measure(databaseUrl, count, providerMs));
  return results;
}

/** @param {Awaited<ReturnType<typeof measureRenewals>>} results */
export function renewalTable(results) {
  const rows = results.map(
    ({ providerMs, worker, bare, ratio }) =>
      `| ${providerMs === 0 ? 'at once' : `after ${providerMs} ms`} | ${Math.round(worker)} | ${Math.round(bare)} | ${ratio.toFixed(2)} |`,
  );
  return [
    '| provider answers | renewals/s of one worker | bare loop, same run | ratio |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

async function measure(databaseUrl, count, providerMs) {
  const dataDir = mkdtempSync(join(tmpdir(), 'grantkeeper-bench-'));
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  const stops = [];
  try {
    const provider = await startProvider(providerMs);
    stops.push(provider.stop);
    const env = {
      DATABASE_URL: databaseUrl,
      GRANTKEEPER_DATA_DIR: dataDir,
      GRANTKEEPER_KEKS: `bench:${randomBytes(32).toString('base64')}`,
      GRANTKEEPER_BOOTSTRAP_KEY: randomBytes(20).toString('hex'),
      GRANTKEEPER_EGRESS_ALLOW: 'http://127.0.0.1:*',
      GRANTKEEPER_RENEWAL_CONCURRENCY: String(atOnce),
      GRANTKEEPER_TENANT_CONCURRENCY: '1000',
      GRANTKEEPER_UPSTREAM_CONCURRENCY: '1000',
    };
    await database.query('truncate gk.tenants, gk.api_keys cascade');
    // As if the database had never had a key: a bootstrap key is ignored otherwise.
    await database.query('update gk.deployment set first_key_at = null');
    await onboard(env, provider.endpoint, count);
    await database.query(`
      drop table if exists bare_tokens;
      create table bare_tokens as select n as id, repeat('x', 420) as access_token, repeat('x', 90) as refresh_token, now() as expires_at
        from generate_series(1, ${count}) n;
      alter table bare_tokens add primary key (id)`);
    await database.query('vacuum analyze');
    const worker = await startRole('worker', { ...env, WORKER_PORT: String(await freePort()) });
    stops.push(worker.stop);
    const rates = { worker: [], bare: [] };
    for (let round = 0; round <= rounds; round += 1) {
      for (const [name, run] of Object.entries({
        worker: () => database.query('update gk.connections set next_renewal_at = gk.now()'),
        bare: () => runBare(databaseUrl, provider.endpoint, count),
      })) {
        await provider.reset();
        await run();
        const { asked, seconds } = await provider.whenAsked(count);
        if (round > 0) rates[name].push(asked / seconds);
        await sleep(300);
        if (name === 'worker') await expectGeneration(database, round + 2);
      }
    }
    const [ours, bare] = [median(rates.worker), median(rates.bare)];
    return { providerMs, worker: ours, bare, ratio: ours / bare };
  } finally {
    for (const stop of stops.reverse()) await stop();
    await database.end();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** The import was the first; each round renews every connection once. */
async function expectGeneration(database, generation) {
  const { rows } = await database.query(
    'select generation, count(*)::int as n from gk.connections group by 1',
  );
  if (rows.length !== 1 || rows[0].generation !== generation) {
    throw new Error(`Not every renewal was written down: ${JSON.stringify(rows)}, expected ${generation}.`);
  }
}

async function onboard(env, endpoint, count) {
  const port = await freePort();
  const api = await startRole('api', { ...env, PORT: String(port) });
  const post = async (path, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${env.GRANTKEEPER_BOOTSTRAP_KEY}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
    if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
  };
  try {
    await post('tenants', { id: 'bench', name: 'Bench' });
    await post('tenants/bench/credentials', {
      id: 'client',
      provider: 'generic-oauth2',
      client_id: 'bench',
      client_secret: 'a secret of this client',
      settings: { token_endpoint: endpoint },
    });
    let next = 0;
    const importAll = async () => {
      while (next < count) {
        next += 1;
        await post('tenants/bench/connections', {
          id: `c${next}`,
          credential: 'client',
          grant: 'refresh_token',
          refresh_token: `import-${next}`,
        });
      }
    };
    await Promise.all(Array.from({ length: 16 }, importAll));
  } finally {
    await api.stop();
  }
}

async function startProvider(delayMs) {
  const child = fork(fileURLToPath(new URL('bare-provider.mjs', import.meta.url)), [String(delayMs)]);
  const [{ port }] = await once(child, 'message');
  const ask = async (message) => {
    child.send(message);
    const [answer] = await once(child, 'message');
    return answer;
  };
  return {
    endpoint: `http://127.0.0.1:${port}/token`,
    reset: () => ask('reset'),
    whenAsked: async (count) => {
      for (let tries = 0; tries < 1_200; tries += 1) {
        const seen = await ask('count');
        if (seen.asked >= count) return seen;
        await sleep(100);
      }
      throw new Error('The provider was not asked often enough within two minutes.');
    },
    stop: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}

async function runBare(databaseUrl, endpoint, count) {
  const program = fileURLToPath(new URL('bare-renewals.mjs', import.meta.url));
  const child = spawn(process.execPath, [program, databaseUrl, endpoint, String(count), String(atOnce)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`The bare loop ended with ${code}.`);
}
