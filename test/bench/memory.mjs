import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { findCommand } from '../../scripts/bootstrap/commands.mjs';
import { keptConnections } from './kept-connections.mjs';
import { median } from './load.mjs';
import { freePort, startRole } from './processes.mjs';

const starts = 3;
/** Until memory that only the start needed has been given back, milliseconds. */
const settleMs = 5_000;
const loadMs = 8_000;

/**
 * Memory of api and worker as `npm run start:…` and the images start them, idle and after load, and how long a start
 * takes.
 *
 * @param {string} databaseUrl a migrated database
 * @returns {Promise<string>} a Markdown table
 */
export async function benchMemory(databaseUrl) {
  const dataDir = mkdtempSync(join(tmpdir(), 'grantkeeper-bench-'));
  const key = randomBytes(20).toString('hex');
  const env = {
    DATABASE_URL: databaseUrl,
    GRANTKEEPER_DATA_DIR: dataDir,
    GRANTKEEPER_KEKS: `bench:${randomBytes(32).toString('base64')}`,
    GRANTKEEPER_BOOTSTRAP_KEY: key,
  };
  try {
    await forgetKeys(databaseUrl);
    const rows = [];
    for (const [role, port] of /** @type {const} */ ([
      ['api', 'PORT'],
      ['worker', 'WORKER_PORT'],
    ])) {
      const startMs = [];
      for (let start = 1; start <= starts; start += 1) {
        const address = String(await freePort());
        const startedAtMs = performance.now();
        const running = await startRole(role, { ...env, [port]: address }, optionsOf(role));
        startMs.push(performance.now() - startedAtMs);
        try {
          if (start < starts) continue;
          await sleep(settleMs);
          const idle = residentMiB(running.pid);
          await load(new URL(`http://127.0.0.1:${address}`), key);
          rows.push([role, Math.round(median(startMs)), idle, residentMiB(running.pid)]);
        } finally {
          await running.stop();
        }
      }
    }
    return [
      '| role | start to ready, ms | resident when idle, MiB | after load, MiB |',
      '|---|---|---|---|',
      ...rows.map((row) => `| ${row.join(' | ')} |`),
    ].join('\n');
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** As if the database had never had a key: a bootstrap key is ignored otherwise. */
async function forgetKeys(databaseUrl) {
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  await database.query('truncate gk.tenants, gk.api_keys cascade');
  await database.query('update gk.deployment set first_key_at = null');
  await database.end();
}

/** A request that the framework, the database and the caches take part in. */
async function load(url, key) {
  const headers = { authorization: `Bearer ${key}` };
  const requests = ['/v1/tenants', '/v1/providers', '/readyz'].map((path) => ({
    method: 'GET',
    path,
    headers,
  }));
  const kept = await keptConnections(url, requests, 100);
  await kept.load(performance.now() + loadMs);
  kept.close();
}

/** @param {string} role */
function optionsOf(role) {
  return (findCommand(`start:${role}`).argv ?? []).filter((argument) => argument.startsWith('--'));
}

/** @param {number} pid */
function residentMiB(pid) {
  const kibibytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kibibytes) / 1_024);
}
