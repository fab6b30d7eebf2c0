import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { loadInTurn } from './load.mjs';
import { freePort, startRole } from './processes.mjs';

/** Ten times as many as the cache takes, read in turn: none is found there. */
const connections = 1_000;
const cached = 100;

/**
 * Token reads that find nothing in memory, against a bare server that asks the database two plain statements.
 *
 * @param {string} databaseUrl a migrated database
 * @returns {Promise<string>} a Markdown table
 */
export async function benchColdRead(databaseUrl) {
  const dataDir = mkdtempSync(join(tmpdir(), 'grantkeeper-bench-'));
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  const running = [];
  try {
    await database.query('truncate gk.tenants, gk.api_keys cascade');
    await database.query('update gk.deployment set first_key_at = null');
    const sandboxPort = String(await freePort());
    running.push(await startRole('sandbox', { SANDBOX_PORT: sandboxPort }));
    const origin = `http://127.0.0.1:${await freePort()}`;
    const adminKey = randomBytes(20).toString('hex');
    const api = await startRole('api', {
      PORT: new URL(origin).port,
      DATABASE_URL: databaseUrl,
      GRANTKEEPER_DATA_DIR: dataDir,
      GRANTKEEPER_BOOTSTRAP_KEY: adminKey,
      GRANTKEEPER_CACHE_TOKENS: String(cached),
      GRANTKEEPER_PROVIDER_ENDPOINTS: `{"vonage-contact-center":"http://127.0.0.1:${sandboxPort}"}`,
    });
    running.push(api);
    const key = await onboard(origin, adminKey);
    await database.query(`
      drop table if exists bare_keys, bare_tokens;
      create table bare_keys as select n::text as hash, n as id, 'reader' as role from generate_series(0, ${connections - 1}) n;
      alter table bare_keys add primary key (hash);
      create table bare_tokens as select n::text as name, repeat('x', 420) as access_token, now() as expires_at
        from generate_series(0, ${connections - 1}) n;
      alter table bare_tokens add primary key (name)`);
    await database.query('vacuum analyze');
    const bare = fork(fileURLToPath(new URL('bare-cold-server.mjs', import.meta.url)), [databaseUrl]);
    running.push({ stop: () => bare.kill() });
    const [{ port }] = await once(bare, 'message');
    const requests = (pathOf) =>
      Array.from({ length: connections }, (_, n) => ({
        method: 'GET',
        path: pathOf(n),
        headers: { authorization: `Bearer ${key}` },
      }));
    const results = await loadInTurn({
      bare: { pid: bare.pid ?? 0, url: `http://127.0.0.1:${port}`, requests: requests((n) => `/${n}`) },
      read: {
        pid: api.pid,
        url: origin,
        requests: requests((n) => `/v1/tenants/bench/connections/c${n}/token`),
      },
    });
    return table(results);
  } finally {
    for (const process of running.reverse()) await process.stop();
    await database.end();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** @returns the key of a reader */
async function onboard(origin, adminKey) {
  const post = async (path, body) => {
    const answer = await fetch(`${origin}/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  await post('tenants', { id: 'bench', name: 'Bench' });
  await post('tenants/bench/credentials', {
    id: 'client',
    provider: 'vonage-contact-center',
    client_id: 'a1b2c3d4e5',
    client_secret: '9pBl+xY1MW+AbsdZk4xpv7NwWxG8+oqduKiSqVybM9Y=',
    settings: { region: 'emea' },
  });
  let next = 0;
  const some = async () => {
    for (let n = next++; n < connections; n = next++) {
      await post('tenants/bench/connections', {
        id: `c${n}`,
        credential: 'client',
        grant: 'client_credentials',
      });
    }
  };
  await Promise.all(Array.from({ length: 8 }, some));
  const { key } = await post('tenants/bench/api_keys', { name: 'reader', role: 'token_reader' });
  return key;
}

/** @param {Awaited<ReturnType<typeof loadInTurn>>} results */
function table({ bare, read }) {
  const row = (name, { requestsPerSecond, p50Ms, p99Ms, failures }) =>
    `| ${name} | ${Math.round(requestsPerSecond)} | ${(requestsPerSecond / (bare?.requestsPerSecond ?? 0)).toFixed(2)} | ${p50Ms.toFixed(1)} | ${p99Ms.toFixed(1)} | ${failures} |`;
  return [
    '| cold read | requests/s | this ÷ bare | p50 ms | p99 ms | not 200 |',
    '|---|---|---|---|---|---|',
    ...(bare ? [row('two plain statements by hand', bare)] : []),
    ...(read ? [row('`GET …/token`, not in memory', read)] : []),
  ].join('\n');
}
