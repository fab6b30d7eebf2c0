import { type EntityManager, type EntityTarget, type FindOperator, Not } from 'typeorm';
import type { RowMac, RowSeal, SealedMembers } from '../encryption/row-mac.js';

type SealedRow = RowSeal & { readonly id: string };

/** @returns how many rows of the tenant came under the newest key-encryption key */
export async function resealRows<Row extends SealedRow>(
  manager: EntityManager,
  entity: EntityTarget<Row>,
  macs: RowMac,
  membersOf: (row: Row) => SealedMembers,
  tenantId: string | FindOperator<unknown>,
  /** Columns that are not read otherwise, beside those of the HMAC. */
  unusual: readonly string[] = [],
): Promise<number> {
  const rows = await manager
    .createQueryBuilder(entity, 'row')
    .addSelect(['mac', 'macKid', ...unusual].map((column) => `row.${column}`))
    .setLock('pessimistic_write')
    .where({ tenantId, macKid: Not(macs.newestKid) })
    .getMany();
  let resealed = 0;
  for (const row of rows) {
    if (!macs.verifies(membersOf(row), row)) continue;
    await manager.update(entity, { id: row.id } as never, macs.seal(membersOf(row)) as never);
    resealed += 1;
  }
  return resealed;
}
