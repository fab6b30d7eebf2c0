import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { freePort, roleOptions, startRole, stop } from './processes.mjs';

/** For a profile: `BENCH_API_OPTIONS="--cpu-prof --cpu-prof-dir=/tmp/profile"`. */
const apiOptions = (process.env.BENCH_API_OPTIONS ?? '').split(' ').filter(Boolean);

/** Client credentials that the sandbox knows. */
export const sandboxCredential = {
  id: 'client',
  provider: 'vonage-contact-center',
  client_id: 'a1b2c3d4e5',
  client_secret: '9pBl+xY1MW+AbsdZk4xpv7NwWxG8+oqduKiSqVybM9Y=',
  settings: { region: 'emea' },
};

/**
 * An installation without data, as each part needs it. It stops every process that was started through it, also where
 * the part fails.
 *
 * @template Result
 * @param {string} databaseUrl a migrated database
 * @param {(product: ReturnType<typeof productOn>) => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function withProduct(databaseUrl, work) {
  const dataDir = mkdtempSync(join(tmpdir(), 'grantkeeper-bench-'));
  // A pool of one: its session is made anew after a restart of the database.
  const database = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  database.on('error', () => undefined);
  const running = [];
  try {
    await database.query('truncate gk.tenants, gk.api_keys, gk.connection_counts cascade');
    // As if the database had never had a key: a bootstrap key is ignored otherwise.
    await database.query('update gk.deployment set first_key_at = null');
    return await work(productOn(databaseUrl, { dataDir, database, running }));
  } finally {
    for (const process of running.reverse()) await process.stop();
    await database.end();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function productOn(databaseUrl, { dataDir, database, running }) {
  const kek = { id: 'bench', key: randomBytes(32) };
  const adminKey = randomBytes(20).toString('hex');
  /** @type {Record<string, string>} */
  const env = {
    DATABASE_URL: databaseUrl,
    GRANTKEEPER_DATA_DIR: dataDir,
    GRANTKEEPER_KEKS: `${kek.id}:${kek.key.toString('base64')}`,
    GRANTKEEPER_BOOTSTRAP_KEY: adminKey,
    GRANTKEEPER_EGRESS_ALLOW: 'http://127.0.0.1:*',
  };
  const keep = (process) => {
    running.push(process);
    return process;
  };
  const start = async (role, port, more, nodeOptions) => {
    const address = String(await freePort());
    const process = await startRole(role, { ...env, ...more, [port]: address }, nodeOptions);
    return keep({ ...process, origin: `http://127.0.0.1:${address}` });
  };
  return {
    database,
    kek,
    adminKey,
    keep,
    /** Of a role, for those who start one themselves. */
    environment: () => ({ ...env }),
    /** @param {Record<string, string>} more settings @param {readonly string[]} nodeOptions those of production unless given */
    startApi: async (more = {}, nodeOptions = roleOptions('api')) => {
      const api = await start('api', 'PORT', more, [...nodeOptions, ...apiOptions]);
      return { ...api, send: senderOf(api.origin, adminKey) };
    },
    startWorker: (more = {}, nodeOptions = roleOptions('worker')) =>
      start('worker', 'WORKER_PORT', more, nodeOptions),
    /** Stands in for the provider of `sandboxCredential`, for what is started after it. */
    startSandbox: async () => {
      const { origin } = await start('sandbox', 'SANDBOX_PORT');
      env.GRANTKEEPER_PROVIDER_ENDPOINTS = JSON.stringify({ [sandboxCredential.provider]: origin });
    },
    startProvider: async () => keep(await startProvider()),
  };
}

/** Sends requests with one key. */
function senderOf(origin, key) {
  return async (method, path, body) => {
    const answer = await fetch(`${origin}/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
}

/** Client credentials for a token endpoint that `startProvider` has started. */
export function bareCredential(endpoint) {
  return {
    id: 'client',
    provider: 'generic-oauth2',
    client_id: 'bench',
    client_secret: 'a secret of this client',
    settings: { token_endpoint: endpoint },
  };
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
    /** Counts from nothing again. */
    reset: (delayMs, expiresIn = 86_400) => ask({ delayMs, expiresIn }),
    count: () => ask('count'),
    whenAsked: async (count) => {
      for (let tries = 0; tries < 1_200; tries += 1) {
        const seen = await ask('count');
        if (seen.asked >= count) return seen;
        await sleep(100);
      }
      throw new Error('The provider was not asked often enough within two minutes.');
    },
    stop: () => stop(child),
  };
}

/** @param {number} atOnce @param {number} count @param {(n: number) => Promise<unknown>} work */
export async function someAtOnce(atOnce, count, work) {
  let next = 0;
  const some = async () => {
    for (let n = next++; n < count; n = next++) await work(n);
  };
  await Promise.all(Array.from({ length: atOnce }, some));
}
