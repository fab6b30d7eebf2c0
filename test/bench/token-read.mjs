import { onboardDoors } from './doors.mjs';
import { loadInTurn } from './load.mjs';
import { startBareServer } from './processes.mjs';
import { withProduct } from './product.mjs';

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
export function benchTokenRead(databaseUrl) {
  return withProduct(databaseUrl, async (product) => {
    await product.startSandbox();
    const api = await product.startApi();
    const { doors, bytes, aloneMs } = await onboardDoors(api);
    const contenders = {};
    for (const kind of /** @type {const} */ (['buffer', 'string'])) {
      const bare = product.keep(await startBareServer(bytes, kind));
      // Asked in the same words: reading them is a part of its work too.
      contenders[kind] = { pid: bare.pid, url: bare.url, requests: doors.tenant };
    }
    for (const [name, requests] of Object.entries(doors)) {
      contenders[name] = { pid: api.pid, url: api.origin, requests };
    }
    // While one of them is worked on: `BENCH_DOORS=buffer,tenant`.
    const wanted = process.env.BENCH_DOORS?.split(',') ?? Object.keys(contenders);
    const chosen = Object.fromEntries(Object.entries(contenders).filter(([name]) => wanted.includes(name)));
    return table(await loadInTurn(chosen), aloneMs);
  });
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
