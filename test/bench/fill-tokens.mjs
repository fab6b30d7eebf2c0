import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { localKek } from '../../dist/libs/vault/encryption/local-kek.js';
import { Sealer } from '../../dist/libs/vault/encryption/sealer.js';
import { boundContents } from '../../dist/libs/vault/repositories/bound-contents.js';
import { tokenSetBinding } from '../../dist/libs/vault/repositories/token-contents.js';
import { newKeys, openTenant, tokenRead } from './doors.mjs';
import { bareCredential } from './product.mjs';

const atOnce = 2_000;
/** Of a signed JWT with some claims, characters. */
const usualLength = 1_020;

/**
 * A tenant whose connections have a token each, and 20 keys that read them.
 *
 * @param {Parameters<Parameters<typeof import('./product.mjs').withProduct>[1]>[0]} product
 * @param {Record<string, number>} sets how many connections begin with a name: `<name>0`, `<name>1` and so on
 * @param {number} length of an access token, characters
 */
export async function onboardFilled(product, sets, length = usualLength) {
  const provider = await product.startProvider();
  const { send, origin, stop } = await product.startApi();
  await openTenant(send);
  await send('POST', 'tenants/bench/credentials', bareCredential(provider.endpoint));
  const connection = { id: 'model', credential: 'client', grant: 'client_credentials' };
  await send('POST', 'tenants/bench/connections', connection);
  const keys = await newKeys(send, 'tenants/bench/api_keys', 'token_reader');
  const { path, headers } = tokenRead('model', keys[0]?.key ?? '');
  await (await fetch(origin + path, { headers })).arrayBuffer();
  await stop();
  const filled = {};
  for (const [name, count] of Object.entries(sets))
    filled[name] = await fillTokens(product, 'model', { prefix: name, count, length });
  return {
    provider,
    filled,
    /** A read of each connection of a set, with the keys in turn. */
    readsOf: (name) =>
      filled[name].ids.map((_id, n) => tokenRead(`${name}${n}`, keys[n % keys.length]?.key ?? '')),
  };
}

/**
 * Connections like one that has a token already, each with a token of its own, sealed by the product's own code: a provider
 * would take minutes for so many.
 *
 * @param {{ database: import('pg').Pool, kek: { id: string, key: Buffer } }} product
 * @param {string} model
 * @param {{ prefix: string, count: number, length: number }} wanted
 * @returns {Promise<{ tenantId: string, ids: string[] }>}
 */
async function fillTokens({ database, kek }, model, { prefix, count, length }) {
  const [found] = (
    await database.query(
      `select c.tenant_id, c.credential_id, c.generation, k.id, k.version, k.wrapped,
         (select id from gk.deployment) as deployment_id,
         (select array_agg(quote_ident(attname)) from pg_attribute where attrelid = 'gk.connections'::regclass
           and attnum > 0 and not attisdropped and attgenerated = '') as columns
         from gk.connections c join gk.token_sets s on s.connection_id = c.id
           join gk.tenant_keys k on k.tenant_id = c.tenant_id and k.id = s.data_key_id
         where c.slug = $1`,
      [model],
    )
  ).rows;
  const {
    tenant_id: tenantId,
    credential_id: credentialId,
    generation,
    deployment_id: deploymentId,
    columns,
    ...dataKey
  } = found;
  const sealer = new Sealer({ deploymentId, keys: [localKek(kek.id, kek.key)] });
  const ids = Array.from({ length: count }, () => randomUUID());
  for (let first = 0; first < count; first += atOnce) {
    const some = ids.slice(first, first + atOnce);
    const sealed = await Promise.all(
      some.map((id) =>
        sealer.seal(contents(credentialId, length), dataKey, tokenSetBinding(tenantId, id, generation)),
      ),
    );
    const slugs = some.map((_, n) => `${prefix}${first + n}`);
    const hashes = sealed.map((text) => createHash('sha256').update(text).digest());
    await database.query(
      `with made as (select * from unnest($2::uuid[], $3::text[], $4::text[], $5::bytea[]) as made (id, slug, sealed, hash)),
         connected as (
           insert into gk.connections (${columns}) select ${columns.map((name) => `copy.${name}`)} from gk.connections c, made,
             jsonb_populate_record(c, jsonb_build_object('id', made.id, 'slug', made.slug)) copy where c.slug = $1)
       insert into gk.token_sets (connection_id, tenant_id, generation, data_key_id, sealed, spent_hash)
         select id, $6, $7, $8, sealed, hash from made`,
      [model, some, slugs, sealed, hashes, tenantId, generation, dataKey.id],
    );
  }
  await database.query('vacuum analyze gk.connections, gk.token_sets');
  return { tenantId, ids };
}

function contents(credentialId, length) {
  const accessToken = randomBytes(length).toString('base64url').slice(0, length);
  return boundContents({ accessToken, tokenType: 'Bearer', scope: null, refreshToken: null }, credentialId);
}
