import { median } from './load.mjs';
import { sandboxCredential } from './product.mjs';

const host = 'api.example.com';

/**
 * One connection that is read through every door by 20 keys, audited, and counted against a limit that is not reached.
 *
 * @param {{ origin: string, send: (method: string, path: string, body: object) => Promise<any> }} api
 */
export async function onboardDoors({ origin, send }) {
  await openTenant(send);
  await send('POST', 'tenants/bench/credentials', {
    ...sandboxCredential,
    settings: { ...sandboxCredential.settings, upstream_hosts: [host] },
  });
  await send('POST', 'tenants/bench/connections', {
    id: 'main',
    credential: 'client',
    grant: 'client_credentials',
  });
  const readers = await newKeys(send, 'tenants/bench/api_keys', 'token_reader');
  const admins = await newKeys(send, 'api_keys', 'platform_admin');
  const read = ({ key }) => tokenRead('main', key);
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
  const { path, headers } = tokenRead('main', readers[0]?.key ?? '');
  const answer = await fetch(origin + path, { headers });
  const bytes = (await answer.arrayBuffer()).byteLength;
  return { doors, bytes, aloneMs: await readAloneMs(origin + path, headers) };
}

/** A tenant whose limits no part reaches. */
export async function openTenant(send) {
  await send('POST', 'tenants', { id: 'bench', name: 'Bench' });
  await send('PATCH', 'tenants/bench', {
    rate_limit_per_second: 1_000_000,
    key_rate_limit_per_second: 1_000_000,
  });
}

/** @returns {Promise<{ id: string, key: string }[]>} */
export function newKeys(send, path, role, count = 20) {
  return Promise.all(Array.from({ length: count }, (_, n) => send('POST', path, { name: `key ${n}`, role })));
}

/** @param {string} connection @param {string} key */
export function tokenRead(connection, key) {
  return {
    method: 'GET',
    path: `/v1/tenants/bench/connections/${connection}/token`,
    headers: { authorization: `Bearer ${key}` },
  };
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
