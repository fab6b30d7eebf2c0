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

/** Numbers of tenants that have the connections. */
const tenantSets = ['1', '300'];

/**
 * Renewals of one worker process, with everything that makes them safe, of one tenant and of 300, against a bare loop: once
 * with a provider that answers at once and once with one that takes 50 ms. In turns, A B C A B C.
 *
 * @param {string} databaseUrl a migrated database
 * @param {number} count connections in each set, of a provider that rotates strictly
 * @returns {Promise<{ providerMs: number, rates: Record<string, number> }[]>} renewals per second
 */
export async function measureRenewals(databaseUrl, count) {
  const dataDir = mkdtempSync(join(tmpdir(), 'grantkeeper-bench-'));
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  const stops = [];
  try {
    const provider = await startProvider();
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
    const results = [];
    for (const providerMs of [0, 50]) {
      results.push({
        providerMs,
        rates: await ratesOf(providerMs, { databaseUrl, database, provider, count }),
      });
    }
    return results;
  } finally {
    for (const stop of stops.reverse()) await stop();
    await database.end();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** The median of the rounds, after one that does not count. */
async function ratesOf(providerMs, { databaseUrl, database, provider, count }) {
  const contenders = [...tenantSets, 'bare'];
  const rates = Object.fromEntries(contenders.map((name) => [name, /** @type {number[]} */ ([])]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of contenders) {
      const before = await generationOf(database, name);
      await provider.reset(providerMs);
      if (name === 'bare') await runBare(databaseUrl, provider.endpoint, count);
      else await makeDue(database, name);
      const { asked, seconds } = await provider.whenAsked(count);
      if (round > 0) rates[name]?.push(asked / seconds);
      await sleep(300);
      if (name !== 'bare' && (await generationOf(database, name)) !== before + 1)
        throw new Error('Not every renewal was written down once.');
    }
  }
  return Object.fromEntries(Object.entries(rates).map(([name, all]) => [name, median(all)]));
}

/** @param {Awaited<ReturnType<typeof measureRenewals>>} results */
export function renewalTable(results) {
  const rows = results.flatMap(({ providerMs, rates: { bare, ...sets } }) =>
    Object.entries(sets).map(
      ([tenants, rate]) =>
        `| ${providerMs === 0 ? 'at once' : `after ${providerMs} ms`} | ${tenants} | ${Math.round(rate)} | ${Math.round(bare)} | ${(rate / bare).toFixed(2)} |`,
    ),
  );
  return [
    '| provider answers | tenants | renewals/s of one worker | bare loop, same run | ratio |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

const ofSet = 'tenant_id in (select id from gk.tenants where name = $1)';

function makeDue(database, tenants) {
  return database.query(`update gk.connections set next_renewal_at = gk.now() where ${ofSet}`, [tenants]);
}

/** Of all connections of a set alike; of the bare loop there is none. */
async function generationOf(database, tenants) {
  const { rows } = await database.query(`select distinct generation from gk.connections where ${ofSet}`, [
    tenants,
  ]);
  if (rows.length > 1) throw new Error(`Not every renewal was written down: ${JSON.stringify(rows)}`);
  return rows[0]?.generation;
}

/** For each number of tenants as many connections; the tenants have that number as their name. */
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
  const addTenant = async (tenants, n) => {
    await post('tenants', { id: `bench-${tenants}-${n}`, name: tenants });
    await post(`tenants/bench-${tenants}-${n}/credentials`, {
      id: 'client',
      provider: 'generic-oauth2',
      client_id: 'bench',
      client_secret: 'a secret of this client',
      settings: { token_endpoint: endpoint },
    });
  };
  const addConnection = (tenants, n) =>
    post(`tenants/bench-${tenants}-${n % Number(tenants)}/connections`, {
      id: `c${n}`,
      credential: 'client',
      grant: 'refresh_token',
      refresh_token: `import-${tenants}-${n}`,
    });
  try {
    for (const tenants of tenantSets) {
      await sixteenAtOnce(Number(tenants), (n) => addTenant(tenants, n));
      await sixteenAtOnce(count, (n) => addConnection(tenants, n));
    }
  } finally {
    await api.stop();
  }
}

async function sixteenAtOnce(count, work) {
  let next = 0;
  const some = async () => {
    for (let n = next++; n < count; n = next++) await work(n);
  };
  await Promise.all(Array.from({ length: 16 }, some));
}

async function startProvider() {
  const child = fork(fileURLToPath(new URL('bare-provider.mjs', import.meta.url)));
  const [{ port }] = await once(child, 'message');
  const ask = async (message) => {
    child.send(message);
    const [answer] = await once(child, 'message');
    return answer;
  };
  return {
    endpoint: `http://127.0.0.1:${port}/token`,
    reset: (delayMs) => ask({ delayMs }),
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
