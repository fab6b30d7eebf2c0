import type { EntityManager } from 'typeorm';
import { log } from '#observability';
import type { Database } from '../database.js';
import type { WrappedDataKey } from '../encryption/key-wrap.js';
import { everySealedColumn } from '../encryption/sealed-columns.js';
import type { Sealer } from '../encryption/sealer.js';
import { VaultError } from '../vault.errors.js';

type SealedColumn = (typeof everySealedColumn)[number];

interface SealedRow {
  readonly id: string;
  readonly generation: number;
  readonly sealed: string;
}

/** Rows that are sealed anew in one transaction: nobody waits for it longer than some milliseconds. */
const rowsInBatch = 200;

/** Before every id. */
const lowestId = '00000000-0000-0000-0000-000000000000';

/**
 * Seals with the newest data key what an older one has sealed, in every column, until it was all looked at once or the
 * time is over. A row that somebody else holds, or that a request is under way with, is left to the next pass.
 * @param untilMs by the clock of `performance`
 * @returns how many rows were sealed anew
 */
export async function resealColumns(
  database: Database,
  sealer: Sealer,
  tenantId: string,
  [newest, ...older]: readonly [WrappedDataKey, ...WrappedDataKey[]],
  untilMs: number,
): Promise<number> {
  let resealed = 0;
  for (const column of everySealedColumn) {
    for (const old of older) {
      for (let cursor: string | undefined = lowestId; cursor !== undefined; ) {
        const after: string = cursor;
        if (performance.now() >= untilMs) return resealed;
        const rows = await database.inTenant(tenantId, (manager) =>
          readBatch(manager, column, old.id, after),
        );
        const changed = await sealAnew(sealer, tenantId, column, rows, old, newest);
        if (changed.length > 0) {
          resealed += await database.inTenant(tenantId, (manager) =>
            writeBatch(manager, column, changed, newest.id),
          );
        }
        cursor = rows.length < rowsInBatch ? undefined : rows.at(-1)?.id;
      }
    }
  }
  return resealed;
}

/** How many rows of the tenant the data key has sealed. */
export async function sealedWith(manager: EntityManager, keyIds: readonly string[]): Promise<number> {
  const counts = everySealedColumn.map(
    ({ table }) => `(select count(*) from gk.${table} where data_key_id = any ($1))`,
  );
  const [row] = await manager.query<{ n: number }[]>(`select (${counts.join(' + ')})::integer as n`, [
    keyIds,
  ]);
  return row?.n ?? 0;
}

function readBatch(manager: EntityManager, column: SealedColumn, keyId: string, after: string) {
  return manager.query<SealedRow[]>(
    `select ${column.id} as id, ${column.generation ?? '1'} as generation, ${column.column} as sealed
     from gk.${column.table} where data_key_id = $1 and ${column.id} > $2 order by ${column.id} limit ${rowsInBatch}`,
    [keyId, after],
  );
}

async function sealAnew(
  sealer: Sealer,
  tenantId: string,
  { table, column }: SealedColumn,
  rows: readonly SealedRow[],
  old: WrappedDataKey,
  newest: WrappedDataKey,
) {
  const changed: { id: string; before: string; after: string }[] = [];
  for (const { id, generation, sealed } of rows) {
    const binding = { tenantId, table, column, rowId: id, generation };
    try {
      const plaintext = await sealer.open(sealed, [old], binding);
      changed.push({ id, before: sealed, after: await sealer.seal(plaintext, newest, binding) });
    } catch (error) {
      if (!(error instanceof VaultError && error.code === 'cannot_open')) throw error;
      log.error(
        { tenantId, table, row: id },
        'a row is left under an older data key, for it does not open; the key is kept until the row is gone',
      );
    }
  }
  return changed;
}

/** Writes only over the ciphertext that was opened: what somebody else has written meanwhile stays. */
async function writeBatch(
  manager: EntityManager,
  { table, column, id, sentFor }: SealedColumn,
  changed: readonly { id: string; before: string; after: string }[],
  keyId: string,
): Promise<number> {
  const ids = changed.map((row) => row.id);
  // Locks in the order of every end of an attempt: the connection first. A statement of its own, so that the next one
  // sees every claim that was made before.
  const locked = await manager.query<{ id: string }[]>(
    sentFor === undefined
      ? `select ${id} as id from gk.${table} where ${id} = any ($1) order by ${id} for no key update skip locked`
      : `select id from gk.connections where id in (select ${sentFor} from gk.${table} where ${id} = any ($1))
         order by id for no key update skip locked`,
    [ids],
  );
  const [, written] = await manager.query<[unknown, number]>(
    `update gk.${table} t set ${column} = w.after, data_key_id = $5
     from unnest($1::uuid[], $2::text[], $3::text[]) as w (id, before, after)
     where t.${id} = w.id and t.${column} = w.before and t.${sentFor ?? id} = any ($4)${
       sentFor === undefined
         ? ''
         : ` and not exists (select from gk.intents i where i.connection_id = t.${sentFor})`
     }`,
    [
      ids,
      changed.map((row) => row.before),
      changed.map((row) => row.after),
      locked.map((row) => row.id),
      keyId,
    ],
  );
  return written;
}
