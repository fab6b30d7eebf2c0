import { Injectable } from '@nestjs/common';
import { IsNull, Not } from 'typeorm';
import { describeChange } from '../audit/caller-change.js';
import { removed } from '../audit/changed-fields.js';
import { Database } from '../database.js';
import { Tenant } from '../entities/tenant.entity.js';

/** Connections of a tenant that are removed by one statement, at most; with their history, that may be 100,000 rows. */
const pieceSize = 1_000;

export interface Removal {
  /** Of the tenant. */
  readonly id: string;
  /** False: rows are left, which the worker removes. Nothing of them opens any more. */
  readonly isDone: boolean;
}

/**
 * Shreds tenants: the data keys go with the rows, so nothing of the tenant opens again. A tenant of many connections is
 * disabled, loses its data keys and is found no more, all in one transaction; its rows then go in pieces, so that no
 * statement takes too long. Each process may go on where another one has stopped.
 */
@Injectable()
export class TenantRemovalRepository {
  constructor(private readonly database: Database) {}

  /**
   * @param timeMs after which no further piece begins
   * @returns undefined when there is no such tenant
   */
  async remove(slug: string, timeMs: number): Promise<Removal | undefined> {
    const untilMs = performance.now() + timeMs;
    const tenant = await this.database.inPlatform((manager) => manager.findOneBy(Tenant, { slug }));
    if (!tenant) return undefined;
    // From here on by its id: the slug may soon be another tenant's.
    const { id } = tenant;
    if (tenant.removedAt) {
      await this.removePieces(id, untilMs);
      return { id, isDone: false };
    }
    if (!(await this.isLarge(id)))
      return (await this.removeTenant(id, slug)) ? { id, isDone: true } : undefined;
    const begun = await this.begin(id, slug);
    if (begun !== 'begun') return begun === 'gone' ? undefined : { id, isDone: false };
    return { id, isDone: await this.removePieces(id, untilMs) };
  }

  /**
   * Goes on with what was begun.
   * @param timeMs after which no further piece begins
   * @returns whether there is more to do
   */
  async goOn(timeMs: number): Promise<boolean> {
    const untilMs = performance.now() + timeMs;
    const begun = await this.database.inPlatform((manager) =>
      manager.find(Tenant, { where: { removedAt: Not(IsNull()) }, select: { id: true }, take: 100 }),
    );
    for (const { id } of begun) {
      if (performance.now() >= untilMs || !(await this.removePieces(id, untilMs))) return true;
    }
    return begun.length === 100;
  }

  /** @returns otherwise: somebody else has begun it meanwhile, or ended it */
  private begin(id: string, slug: string): Promise<'begun' | 'going on' | 'gone'> {
    return this.database.inTenant(id, async (manager) => {
      const [, begun] = await manager.query<[unknown, number]>(
        `update gk.tenants set removed_at = gk.now(), disabled_at = coalesce(disabled_at, gk.now()), updated_at = gk.now()
         where id = $1 and removed_at is null`,
        [id],
      );
      if (begun === 0) return (await manager.existsBy(Tenant, { id })) ? 'going on' : 'gone';
      describeChange(manager, removed({ id: slug }));
      await manager.query("update gk.tenant_keys set wrapped = ''");
      // Nobody is told of each connection.
      await manager.query('delete from gk.webhooks');
      return 'begun';
    });
  }

  /** @returns whether all of it has gone; whose renewal is being written goes with the tenant itself */
  private async removePieces(id: string, untilMs: number): Promise<boolean> {
    while (performance.now() < untilMs) {
      if ((await this.removePiece(id)) < pieceSize) {
        await this.removeTenant(id);
        return true;
      }
    }
    return false;
  }

  /** @param slug of one that goes at once, for the audit event */
  private async removeTenant(id: string, slug?: string): Promise<boolean> {
    return this.database.inPlatform(async (manager) => {
      if (slug !== undefined) describeChange(manager, removed({ id: slug }));
      const { affected } = await manager.delete(Tenant, { id });
      return Boolean(affected);
    });
  }

  private async isLarge(id: string): Promise<boolean> {
    const rows = await this.database.inTenant(id, (manager) =>
      manager.query<unknown[]>('select 1 from gk.connections limit 1 offset $1', [pieceSize]),
    );
    return rows.length > 0;
  }

  /**
   * An array, because a join may look for its piece several times over.
   * @returns how many connections have gone
   */
  private async removePiece(id: string): Promise<number> {
    const [, count] = await this.database.inTenant(id, (manager) =>
      manager.query<[unknown, number]>(
        `delete from gk.connections
         where id = any (array(select id from gk.connections limit $1 for update skip locked))`,
        [pieceSize],
      ),
    );
    return count;
  }
}
