import type { TestDatabase } from '#testing';
import type { WrappedDataKey } from '../../libs/vault/encryption/key-wrap.js';
import { everySealedColumn, type SealedTable } from '../../libs/vault/encryption/sealed-columns.js';
import { boundContents } from '../../libs/vault/repositories/bound-contents.js';
import { dataKeysOf } from '../../libs/vault/repositories/data-keys.js';
import { tokenSetBinding } from '../../libs/vault/repositories/token-contents.js';
import { newRowId } from '../../libs/vault/row-id.js';
import type { Populated, TestVault } from '../../libs/vault/spec-support/vault.js';

export interface SealedRow {
  readonly table: SealedTable;
  readonly column: string;
  readonly tenantId: string;
  readonly rowId: string;
  readonly generation: number;
  readonly sealed: string;
}

/** Every ciphertext of every tenant. */
export async function everySealedRow(database: TestDatabase): Promise<SealedRow[]> {
  const rows: SealedRow[] = [];
  for (const { table, column, id, generation = '1' } of everySealedColumn) {
    const some = await database.query<Omit<SealedRow, 'table' | 'column'>>(
      `select tenant_id as "tenantId", ${id} as "rowId", ${generation} as generation, ${column} as sealed
       from gk.${table} order by 2`,
    );
    for (const row of some) rows.push({ ...row, table, column });
  }
  return rows;
}

/** @throws VaultError `cannot_open` */
export function openRow(
  { sealer }: TestVault,
  { sealed, ...binding }: SealedRow,
  keys: readonly WrappedDataKey[],
): Promise<string> {
  return sealer.open(sealed, keys, binding);
}

/** Connections `c-0`, `c-1`, … with tokens of generation 1, copied from one that has them. */
export async function addSealedConnections(
  vault: TestVault,
  database: TestDatabase,
  { tenantId, connectionId, credentialId }: Populated,
  count: number,
): Promise<void> {
  const [key] = await vault.database.inTenant(tenantId, (manager) => dataKeysOf(manager, tenantId));
  for (let from = 0; from < count; from += 1_000) {
    const numbers = Array.from({ length: Math.min(1_000, count - from) }, (_, at) => from + at);
    const ids = numbers.map(() => newRowId());
    const contents = { accessToken: 'token 1', tokenType: 'Bearer', scope: null, refreshToken: null };
    const sealed = await Promise.all(
      ids.map((id) =>
        vault.sealer.seal(boundContents(contents, credentialId), key, tokenSetBinding(tenantId, id, 1)),
      ),
    );
    await database.query(
      `insert into gk.connections (id, tenant_id, slug, credential_id, upstream, provider, "grant", renewal, status,
         generation, access_token_issued_at, access_token_expires_at, next_renewal_at, rotating)
       select n.id, c.tenant_id, 'c-' || n.number, c.credential_id, c.upstream, c.provider, c."grant", c.renewal, 'active', 1,
         gk.now(), gk.now() + interval '1 day', gk.now() + interval '20 hours', false
       from gk.connections c, unnest($2::uuid[], $3::integer[]) as n (id, number) where c.id = $1`,
      [connectionId, ids, numbers],
    );
    await database.query(
      `insert into gk.token_sets (connection_id, tenant_id, generation, data_key_id, sealed)
       select id, $1, 1, $2, sealed from unnest($3::uuid[], $4::text[]) as n (id, sealed)`,
      [tenantId, key.id, ids, sealed],
    );
  }
}
