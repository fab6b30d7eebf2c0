import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './load.mjs';
import { freePort, startRole } from './processes.mjs';

const turns = 15;

/**
 * The same lists as the console asks for them: of an api process over HTTP, with the key looked up, the page read, its
 * rows written as JSON.
 *
 * @param {string} databaseUrl a database that `benchLists` has filled
 * @param {import('pg').Client} database the same, as its owner
 * @param {number} count
 * @param {string} afterId of the connection at nine tenths
 * @returns {Promise<string>} a Markdown table
 */
export async function listsOverHttp(databaseUrl, database, count, afterId) {
  const dataDir = mkdtempSync(join(tmpdir(), 'grantkeeper-bench-'));
  // The key of the bootstrap is good where there has never been another.
  await database.query('truncate gk.api_keys cascade');
  await database.query('update gk.deployment set first_key_at = null');
  const origin = `http://127.0.0.1:${await freePort()}`;
  const adminKey = randomBytes(20).toString('hex');
  const api = await startRole('api', {
    PORT: new URL(origin).port,
    DATABASE_URL: databaseUrl,
    GRANTKEEPER_DATA_DIR: dataDir,
    GRANTKEEPER_BOOTSTRAP_KEY: adminKey,
  });
  try {
    const tenth = new Date(Date.now() + count * 6_000).toISOString();
    const filters = {
      none: '',
      'none, 200 to a page': 'limit=200',
      '`status`, of one in 1,000': 'status=degraded',
      '`status`, of nearly all': 'status=active',
      '`status` that none has': 'status=pending',
      '`provider`': 'provider=generic-oauth2',
      '`credential`, of one in 1,000': 'credential=rare',
      '`subject`': 'subject=user7',
      '`account`, of one in 1,000': 'account=A7@example.com',
      '`id_prefix`, of one in 1,000': 'id_prefix=c123',
      '`id_prefix` that all have': 'id_prefix=c',
      '`label` that all have': 'label=all:yes',
      '`label` that one in 1,000 has': 'label=some:yes',
      '`label` that nobody has': 'label=some:no',
      '`expires_before`, of a tenth': `expires_before=${tenth}`,
      '`expires_before`, of none': 'expires_before=2000-01-01T00:00:00Z',
      'all of them': `status=active&provider=generic-oauth2&label=all:yes&expires_before=${tenth}`,
      '`status` and `label`, which no connection has together': 'status=degraded&label=some:yes',
    };
    const cursor = `cursor=${Buffer.from(afterId).toString('base64url')}`;
    const ask = (query) => pageMs(`${origin}/v1/tenants/lists/connections?${query}`, adminKey);
    // Compiling and planning are done once, and are no part of a page.
    for (let page = 0; page < turns; page += 1) await ask('');
    const rows = [];
    for (const [name, query] of Object.entries(filters)) {
      const [first, late] = [await ask(query), await ask(`${query}&${cursor}`)];
      rows.push(`| ${name} | ${first} | ${late} |`);
    }
    return [
      `| filter, ${count} connections, over HTTP | first page, ms: median (slowest) | after nine tenths, ms |`,
      '|---|---|---|',
      ...rows,
    ].join('\n');
  } finally {
    await api.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function pageMs(url, key) {
  const times = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const startedAtMs = performance.now();
    const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`);
    times.push(performance.now() - startedAtMs);
  }
  return `${median(times).toFixed(1)} (${Math.max(...times).toFixed(1)})`;
}
