import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadInTurn, median } from './load.mjs';
import { freePort, startBareServer, startRole } from './processes.mjs';

/**
 * Token reads of one api process against a server that does nothing, side by side.
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
    running.push(
      await startRole('api', {
        PORT: new URL(origin).port,
        DATABASE_URL: databaseUrl,
        GRANTKEEPER_DATA_DIR: dataDir,
        GRANTKEEPER_BOOTSTRAP_KEY: adminKey,
        GRANTKEEPER_PROVIDER_ENDPOINTS: `{"vonage-contact-center":"http://127.0.0.1:${sandboxPort}"}`,
      }),
    );
    const token = await onboard(origin, adminKey);
    const bare = await startBareServer(token.bytes);
    running.push(bare);
    const results = await loadInTurn({
      bare: { url: bare.url },
      tokenRead: { url: token.url, headers: token.headers },
    });
    return table(results, await readAloneMs(token));
  } finally {
    for (const process of running.reverse()) await process.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function onboard(origin, adminKey) {
  const post = async (path, body) => {
    const answer = await fetch(`${origin}/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
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
  await post('tenants/bench/connections', { id: 'main', credential: 'client', grant: 'client_credentials' });
  const { key } = await post('tenants/bench/api_keys', { name: 'reader', role: 'token_reader' });
  const url = `${origin}/v1/tenants/bench/connections/main/token`;
  const headers = { authorization: `Bearer ${key}` };
  const answer = await fetch(url, { headers });
  return { url, headers, bytes: (await answer.arrayBuffer()).byteLength };
}

/** How long one read takes alone, for the reader of the table. */
async function readAloneMs({ url, headers }) {
  const times = [];
  for (let index = 0; index < 200; index += 1) {
    const startedAt = performance.now();
    await (await fetch(url, { headers })).arrayBuffer();
    times.push(performance.now() - startedAt);
  }
  return median(times);
}

function table(results, aloneMs) {
  const perSecond = (name) => median(results[name].requestsPerSecond);
  const row = (title, name) =>
    `| ${title} | ${Math.round(perSecond(name))} | ${(perSecond(name) / perSecond('bare')).toFixed(2)} | ${median(results[name].p50Ms)} | ${median(results[name].p99Ms)} | ${results[name].failures} |`;
  return [
    '## Token read, one api process',
    '',
    '| | requests/s (median of 5 rounds) | ratio to bare | p50 ms | p99 ms | not 200 |',
    '|---|---|---|---|---|---|',
    row('bare `node:http` server, same body size', 'bare'),
    row('`GET …/token`, cached', 'tokenRead'),
    '',
    `One read alone, nothing else running: ${aloneMs.toFixed(2)} ms (median of 200).`,
  ].join('\n');
}
