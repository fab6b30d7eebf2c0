import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadInTurn, median } from './load.mjs';
import { freePort, startBareServer, startRole } from './processes.mjs';

const keys = 20;
const host = 'api.example.com';
const names = {
  buffer: 'bare `node:http` server, the body a Buffer',
  string: 'the same, the body a string',
  tenant: '`GET …/token`, keys of the tenant',
  admin: '`GET …/token`, keys of platform administrators',
  door: '`POST /oauth2/token`',
  batch: '`POST …/tokens`, of one connection',
  forward: '`…/forward_auth`',
};

/**
 * Token reads of one api process, through each door, against a server that does nothing: 20 keys on 100 connections,
 * audited, and counted against a limit that is not reached.
 *
 * @param {string} databaseUrl a migrated database
 * @returns {Promise<string>} a Markdown table
 */
export async function benchTokenRead(databaseUrl) {
  const dataDir = mkdtempSync(join(tmpdir(), 'grantkeeper-bench-'));
  const running = [];
  try {
    const sandboxPort = String(await freePort());
    running.push(await startRole('sandbox', { SANDBOX_PORT: sandboxPort }));
    const origin = `http://127.0.0.1:${await freePort()}`;
    const adminKey = randomBytes(20).toString('hex');
    const api = await startRole(
      'api',
      {
        PORT: new URL(origin).port,
        DATABASE_URL: databaseUrl,
        GRANTKEEPER_DATA_DIR: dataDir,
        GRANTKEEPER_BOOTSTRAP_KEY: adminKey,
        GRANTKEEPER_PROVIDER_ENDPOINTS: `{"vonage-contact-center":"http://127.0.0.1:${sandboxPort}"}`,
      },
      // For a profile of the read: `BENCH_API_OPTIONS="--cpu-prof --cpu-prof-dir=/tmp/profile"`.
      (process.env.BENCH_API_OPTIONS ?? '').split(' ').filter(Boolean),
    );
    running.push(api);
    const { doors, bytes, aloneMs } = await onboard(origin, adminKey);
    const contenders = {};
    for (const kind of /** @type {const} */ (['buffer', 'string'])) {
      const bare = await startBareServer(bytes, kind);
      running.push(bare);
      // Asked in the same words: reading them is a part of its work too.
      contenders[kind] = { pid: bare.pid, url: bare.url, requests: doors.tenant };
    }
    for (const [name, requests] of Object.entries(doors)) {
      contenders[name] = { pid: api.pid, url: origin, requests };
    }
    // While one of them is worked on: `BENCH_DOORS=buffer,tenant`.
    const wanted = process.env.BENCH_DOORS?.split(',') ?? Object.keys(contenders);
    const chosen = Object.fromEntries(Object.entries(contenders).filter(([name]) => wanted.includes(name)));
    return table(await loadInTurn(chosen), aloneMs);
  } finally {
    for (const process of running.reverse()) await process.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** @param {string} origin @param {string} adminKey */
export async function onboard(origin, adminKey) {
  const send = async (method, path, body) => {
    const answer = await fetch(`${origin}/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  await send('POST', 'tenants', { id: 'bench', name: 'Bench' });
  await send('PATCH', 'tenants/bench', {
    rate_limit_per_second: 1_000_000,
    key_rate_limit_per_second: 1_000_000,
  });
  await send('POST', 'tenants/bench/credentials', {
    id: 'client',
    provider: 'vonage-contact-center',
    client_id: 'a1b2c3d4e5',
    client_secret: '9pBl+xY1MW+AbsdZk4xpv7NwWxG8+oqduKiSqVybM9Y=',
    settings: { region: 'emea', upstream_hosts: [host] },
  });
  await send('POST', 'tenants/bench/connections', {
    id: 'main',
    credential: 'client',
    grant: 'client_credentials',
  });
  const several = (path, role) =>
    Promise.all(Array.from({ length: keys }, (_, n) => send('POST', path, { name: `key ${n}`, role })));
  const readers = await several('tenants/bench/api_keys', 'token_reader');
  const admins = await several('api_keys', 'platform_admin');
  const path = '/v1/tenants/bench/connections/main/token';
  const read = ({ key }) => ({ method: 'GET', path, headers: { authorization: `Bearer ${key}` } });
  const doors = {
    tenant: readers.map(read),
    admin: admins.map(read),
    door: readers.map(({ id, key }) => ({
      method: 'POST',
      path: '/oauth2/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: id,
        client_secret: key,
        audience: 'bench/main',
      }).toString(),
    })),
    batch: readers.map(({ key }) => ({
      method: 'POST',
      path: '/v1/tenants/bench/tokens',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ connections: ['main'] }),
    })),
    forward: readers.map(({ key }) => ({
      method: 'GET',
      path: '/v1/tenants/bench/connections/main/forward_auth',
      headers: { authorization: `Bearer ${key}`, 'x-forwarded-host': host },
    })),
  };
  const [first] = doors.tenant;
  const answer = await fetch(origin + path, { headers: first?.headers ?? {} });
  const bytes = (await answer.arrayBuffer()).byteLength;
  return { doors, bytes, aloneMs: await readAloneMs(origin + path, first?.headers ?? {}) };
}

/** How long one read takes alone, for the reader of the table. */
async function readAloneMs(url, headers) {
  const times = [];
  for (let index = 0; index < 200; index += 1) {
    const startedAt = performance.now();
    await (await fetch(url, { headers })).arrayBuffer();
    times.push(performance.now() - startedAt);
  }
  return median(times);
}

/** @param {Awaited<ReturnType<typeof loadInTurn>>} results @param {number} aloneMs */
function table(results, aloneMs) {
  const rows = Object.entries(results).map(
    ([name, { microseconds, ratio, requestsPerSecond, p50Ms, p99Ms, failures }]) =>
      `| ${names[name]} | ${microseconds.toFixed(1)} | ${ratio.toFixed(2)} | ${Math.round(requestsPerSecond)} | ${p50Ms.toFixed(1)} | ${p99Ms.toFixed(1)} | ${failures} |`,
  );
  return [
    '## Token read, one api process',
    '',
    '| | processor time, µs each | bare ÷ this | requests/s | p50 ms | p99 ms | not 200 |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
    `One read alone, nothing else running: ${aloneMs.toFixed(2)} ms (median of 200).`,
  ].join('\n');
}
