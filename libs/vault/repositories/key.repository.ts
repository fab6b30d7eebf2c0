import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';
import { Sealer } from '../encryption/sealer.js';
import { TenantKey } from '../entities/tenant-key.entity.js';
import { VaultError } from '../vault.errors.js';

/** A key-encryption key that is listed, or that still wraps something. */
export interface KeyEncryptionKeyUse {
  readonly id: string;
  /** Newest: it wraps from now on. Unlisted: what it wraps does not open. */
  readonly state: 'newest' | 'older' | 'unlisted';
  readonly dataKeys: number;
}

/** Tenants whose data keys are wrapped anew at the same time. */
const tenantsAtOnce = 4;

/** Before that of every tenant. */
const lowestId = '00000000-0000-0000-0000-000000000000';

/** Tenants that are looked for in one statement. */
const tenantsInBatch = 500;

/** Which key-encryption key wraps which data keys, and how all come under the newest. */
@Injectable()
export class KeyRepository {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
  ) {}

  /** Newest first; those that are not listed come last. */
  async uses(): Promise<KeyEncryptionKeyUse[]> {
    const counts = await this.countWrapped();
    const { kekIds, newestKekId } = this.sealer;
    const unlisted = [...counts.keys()].filter((id) => !kekIds.includes(id)).sort();
    const listed = kekIds.map((id) => ({ id, state: id === newestKekId ? 'newest' : 'older' }) as const);
    return [...listed, ...unlisted.map((id) => ({ id, state: 'unlisted' }) as const)].map((key) => ({
      ...key,
      dataKeys: counts.get(key.id) ?? 0,
    }));
  }

  /**
   * Wraps data keys anew under the newest key-encryption key until none is left or the time is over. Replicas read and
   * renew meanwhile: a data key stays the same, so nothing that it sealed changes. What is under a key that is not
   * listed stays as it is, and counts as left.
   * @param timeMs after which no further tenant begins
   */
  async rewrap(timeMs: number): Promise<{ rewrapped: number; left: number }> {
    const untilMs = performance.now() + timeMs;
    let rewrapped = 0;
    const work = async (tenantIds: Iterable<string>) => {
      for (const tenantId of tenantIds) {
        if (performance.now() >= untilMs) return;
        const keys = await this.rewrapTenant(tenantId).catch(noneIfUnreadable);
        rewrapped += keys;
      }
    };
    for (let after: string | undefined = lowestId; after !== undefined && performance.now() < untilMs; ) {
      const tenantIds = await this.tenantsToRewrap(after);
      const queue = tenantIds.values();
      await Promise.all(Array.from({ length: tenantsAtOnce }, () => work(queue)));
      after = tenantIds.at(-1);
    }
    const counts = await this.countWrapped();
    counts.delete(this.sealer.newestKekId);
    return { rewrapped, left: [...counts.values()].reduce((sum, count) => sum + count, 0) };
  }

  private rewrapTenant(tenantId: string): Promise<number> {
    return this.database.inTenant(tenantId, async (manager) => {
      const keys = await manager.find(TenantKey, {
        where: { tenantId },
        lock: { mode: 'pessimistic_write' },
      });
      const { newestKekId: kekId } = this.sealer;
      const others = keys.filter((key) => key.kekId !== kekId);
      for (const { id, ...key } of others) {
        const wrapped = await this.sealer.rewrap(tenantId, { id, ...key });
        await manager.update(TenantKey, { id, tenantId }, { wrapped, kekId });
      }
      return others.length;
    });
  }

  private async tenantsToRewrap(after: string): Promise<string[]> {
    const rows = await this.database.call<{ id: string }>(
      'select tenant_id as id from gk.tenants_to_rewrap($1, $2, $3)',
      [this.sealer.newestKekId, after, tenantsInBatch],
    );
    return rows.map(({ id }) => id);
  }

  private async countWrapped(): Promise<Map<string, number>> {
    const rows = await this.database.call<{ id: string; n: number }>(
      'select kek_id as id, data_keys as n from gk.count_wrapped()',
      [],
    );
    return new Map(rows.map(({ id, n }) => [id, n]));
  }
}

function noneIfUnreadable(error: unknown): number {
  if (error instanceof VaultError && (error.code === 'unknown_key' || error.code === 'cannot_open')) return 0;
  throw error;
}
