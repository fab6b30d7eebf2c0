import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { newKeys, openTenant, tokenRead } from './doors.mjs';
import { loadInTurn } from './load.mjs';
import { sandboxCredential, someAtOnce, withProduct } from './product.mjs';

/** Ten times as many as the cache takes, read in turn: none is found there. */
const connections = 1_000;
const cached = 100;

/**
 * Token reads that find nothing in memory, against a bare server that asks the database two plain statements.
 *
 * @param {string} databaseUrl a migrated database
 * @returns {Promise<string>} a Markdown table
 */
export function benchColdRead(databaseUrl) {
  return withProduct(databaseUrl, async (product) => {
    const { database } = product;
    await product.startSandbox();
    const api = await product.startApi({ GRANTKEEPER_CACHE_TOKENS: String(cached) });
    const key = await onboard(api);
    await database.query(`
      drop table if exists bare_keys, bare_tokens;
      create table bare_keys as select n::text as hash, n as id, 'reader' as role from generate_series(0, ${connections - 1}) n;
      alter table bare_keys add primary key (hash);
      create table bare_tokens as select n::text as name, repeat('x', 420) as access_token, now() as expires_at
        from generate_series(0, ${connections - 1}) n;
      alter table bare_tokens add primary key (name)`);
    await database.query('vacuum analyze');
    const bare = fork(fileURLToPath(new URL('bare-cold-server.mjs', import.meta.url)), [databaseUrl]);
    product.keep({ stop: () => bare.kill() });
    const [{ port }] = await once(bare, 'message');
    const reads = Array.from({ length: connections }, (_, n) => tokenRead(`c${n}`, key));
    return table(
      await loadInTurn({
        bare: {
          pid: bare.pid ?? 0,
          url: `http://127.0.0.1:${port}`,
          requests: reads.map((read, n) => ({ ...read, path: `/${n}` })),
        },
        read: { pid: api.pid, url: api.origin, requests: reads },
      }),
    );
  });
}

/** @returns the key of a reader */
async function onboard({ send }) {
  await openTenant(send);
  await send('POST', 'tenants/bench/credentials', sandboxCredential);
  await someAtOnce(8, connections, (n) =>
    send('POST', 'tenants/bench/connections', {
      id: `c${n}`,
      credential: 'client',
      grant: 'client_credentials',
    }),
  );
  const [reader] = await newKeys(send, 'tenants/bench/api_keys', 'token_reader', 1);
  return reader?.key ?? '';
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
