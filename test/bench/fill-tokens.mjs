import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { localKek } from '../../dist/libs/vault/encryption/local-kek.js';
import { Sealer } from '../../dist/libs/vault/encryption/sealer.js';
import { tokenSetBinding } from '../../dist/libs/vault/repositories/token-contents.js';

const atOnce = 2_000;

/**
 * Connections like one that has a token already, each with a token of its own of about 1 KB, sealed by the product's own
 * code: a provider would take minutes for so many. Their names are `<prefix>0`, `<prefix>1` and so on.
 *
 * @param {{ database: import('pg').Pool, kek: { id: string, key: Buffer } }} product
 * @param {string} model
 * @param {string} prefix
 * @param {number} count
 * @returns {Promise<{ tenantId: string, ids: string[] }>}
 */
export async function fillTokens({ database, kek }, model, prefix, count) {
  const [found] = (
    await database.query(
      `select c.tenant_id, c.generation, k.id, k.version, k.wrapped, (select id from gk.deployment) as deployment_id
         from gk.connections c join gk.token_sets s on s.connection_id = c.id
           join gk.tenant_keys k on k.tenant_id = c.tenant_id and k.id = s.data_key_id
         where c.slug = $1`,
      [model],
    )
  ).rows;
  const { tenant_id: tenantId, generation, deployment_id: deploymentId, ...dataKey } = found;
  const sealer = new Sealer({ deploymentId, keys: [localKek(kek.id, kek.key)] });
  const ids = Array.from({ length: count }, () => randomUUID());
  for (let first = 0; first < count; first += atOnce) {
    const some = ids.slice(first, first + atOnce);
    const sealed = await Promise.all(
      some.map((id) => sealer.seal(contents(), dataKey, tokenSetBinding(tenantId, id, generation))),
    );
    const slugs = some.map((_, n) => `${prefix}${first + n}`);
    const hashes = sealed.map((text) => createHash('sha256').update(text).digest());
    await database.query(
      `with made as (select * from unnest($2::uuid[], $3::text[], $4::text[], $5::bytea[]) as made (id, slug, sealed, hash)),
         connected as (
           insert into gk.connections select (jsonb_populate_record(c, jsonb_build_object('id', made.id, 'slug', made.slug))).*
           from gk.connections c, made where c.slug = $1)
       insert into gk.token_sets (connection_id, tenant_id, generation, data_key_id, sealed, spent_hash)
         select id, $6, $7, $8, sealed, hash from made`,
      [model, some, slugs, sealed, hashes, tenantId, generation, dataKey.id],
    );
  }
  await database.query('vacuum analyze gk.connections, gk.token_sets');
  return { tenantId, ids };
}

/** As long as a signed JWT with some claims. */
function contents() {
  const accessToken = randomBytes(765).toString('base64url');
  return JSON.stringify({ accessToken, tokenType: 'Bearer', scope: null, refreshToken: null });
}
