import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { median } from './load.mjs';
import { bareCredential, someAtOnce, withProduct } from './product.mjs';

const atOnce = 64;
const rounds = 3;
/** So that one upstream takes all places of a worker. */
export const fullSpeed = {
  GRANTKEEPER_RENEWAL_CONCURRENCY: String(atOnce),
  GRANTKEEPER_TENANT_CONCURRENCY: '1000',
  GRANTKEEPER_UPSTREAM_CONCURRENCY: '1000',
};

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
export function measureRenewals(databaseUrl, count) {
  return withProduct(databaseUrl, async (product) => {
    const { database } = product;
    const provider = await product.startProvider();
    await onboard(product, provider.endpoint, count);
    await database.query(`
      drop table if exists bare_tokens;
      create table bare_tokens as select n as id, repeat('x', 420) as access_token, repeat('x', 90) as refresh_token, now() as expires_at
        from generate_series(1, ${count}) n;
      alter table bare_tokens add primary key (id)`);
    await database.query('vacuum analyze');
    await product.startWorker(fullSpeed);
    const results = [];
    for (const providerMs of [0, 50]) {
      results.push({
        providerMs,
        rates: await ratesOf(providerMs, { databaseUrl, database, provider, count }),
      });
    }
    return results;
  });
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
async function onboard({ startApi }, endpoint, count) {
  const { send, stop } = await startApi();
  const addTenant = async (tenants, n) => {
    await send('POST', 'tenants', { id: `bench-${tenants}-${n}`, name: tenants });
    await send('POST', `tenants/bench-${tenants}-${n}/credentials`, bareCredential(endpoint));
  };
  const addConnection = (tenants, n) =>
    send('POST', `tenants/bench-${tenants}-${n % Number(tenants)}/connections`, {
      id: `c${n}`,
      credential: 'client',
      grant: 'refresh_token',
      refresh_token: `import-${tenants}-${n}`,
    });
  for (const tenants of tenantSets) {
    await someAtOnce(16, Number(tenants), (n) => addTenant(tenants, n));
    await someAtOnce(16, count, (n) => addConnection(tenants, n));
  }
  await stop();
}

async function runBare(databaseUrl, endpoint, count) {
  const program = fileURLToPath(new URL('bare-renewals.mjs', import.meta.url));
  const child = spawn(process.execPath, [program, databaseUrl, endpoint, String(count), String(atOnce)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`The bare loop ended with ${code}.`);
}
