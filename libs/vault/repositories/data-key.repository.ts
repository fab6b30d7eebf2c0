import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { log } from '#observability';
import { AuditTrail } from '../audit/audit-trail.js';
import { callersChange, describeChange } from '../audit/caller-change.js';
import { Database } from '../database.js';
import { Sealer } from '../encryption/sealer.js';
import { TenantKey } from '../entities/tenant-key.entity.js';
import { newRowId } from '../row-id.js';
import { VaultError } from '../vault.errors.js';
import { dataKeysOf } from './data-keys.js';
import { resealColumns, sealedWith } from './reseal-columns.js';

/**
 * Ciphertexts under one data key before it is replaced. Each has a random nonce of 96 bits, and NIST SP 800-38D, section
 * 8.3, allows 2^32 of them under one key: a quarter leaves room for blocks that killed processes never told of.
 */
export const mostSealsPerDataKey = 2 ** 30;

/**
 * Between the last look that found an older data key unused and its deletion: whoever read it before that, to seal or to
 * open, has long ended.
 */
const graceSeconds = 600;

/** After the database moved to another server, ciphertexts stay as they are until the journals were compared with them. */
const journalGraceSeconds = 3_600;

/** Tenants that are looked for in one statement. */
const tenantsInBatch = 500;

const lowestId = '00000000-0000-0000-0000-000000000000';

const logLines = {
  'data_key.rotate': 'the tenant has a new data key; what the older one has sealed is sealed anew',
  'data_key.delete': 'an older data key was deleted, because nothing is sealed with it any more',
} as const;

export interface DataKeyRotation {
  /** Of the data key that seals from now on. */
  readonly version: number;
  readonly resealed: number;
  /** Rows that an older data key has sealed. */
  readonly left: number;
}

/** Replaces data keys of tenants. Several replicas may do it at once, and any may be killed in between. */
@Injectable()
export class DataKeyRepository {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly trail: AuditTrail,
  ) {}

  /** Tells the database how often this process has sealed since the last time. */
  async tellSeals(): Promise<void> {
    const counts = this.sealer.counts.take();
    if (counts.size === 0) return;
    try {
      await this.database.call('select gk.count_seals($1)', [JSON.stringify(Object.fromEntries(counts))]);
    } catch (error) {
      this.sealer.counts.putBack(counts);
      throw error;
    }
  }

  /**
   * Gives the tenant a new data key, unless it is under way to its newest, and seals anew what the older has sealed.
   * @param timeMs after which no further batch begins; the worker does the rest
   */
  async rotate(tenantId: string, timeMs: number): Promise<DataKeyRotation> {
    const untilMs = performance.now() + timeMs;
    await this.addKey(tenantId);
    return this.reseal(tenantId, untilMs);
  }

  /**
   * Replaces data keys that have sealed enough, goes on with those that are being replaced, and deletes those that are
   * no longer needed.
   * @returns whether the time was over before all of it was looked at
   */
  async work(timeMs: number): Promise<boolean> {
    const untilMs = performance.now() + timeMs;
    for (let after: string | undefined = lowestId; after !== undefined; ) {
      const tenants = await this.tenantsToRotate(after);
      for (const { id, isDue } of tenants) {
        if (performance.now() >= untilMs) return true;
        await this.workOn(id, isDue, untilMs).catch((error: unknown) => noteUnreadable(error, id));
      }
      after = tenants.at(-1)?.id;
    }
    return false;
  }

  private async workOn(tenantId: string, isDue: boolean, untilMs: number): Promise<void> {
    if (isDue) await this.addKey(tenantId);
    await this.reseal(tenantId, untilMs);
    await this.deleteUnused(tenantId);
  }

  /** Only beside no older one, so that however many ask at once, there is one new data key. */
  private addKey(tenantId: string): Promise<void> {
    return this.database.inTenant(tenantId, async (manager) => {
      const [newest, ...older] = await lockedKeys(manager, tenantId);
      if (!newest) throw new VaultError('tenant_gone');
      if (older.length > 0) return;
      const id = newRowId();
      const version = newest.version + 1;
      const wrapped = await this.sealer.newDataKey(tenantId, id, version);
      const kekId = this.sealer.newestKekId;
      await manager.insert(TenantKey, { id, tenantId, version, wrapped, kekId });
      await this.record(manager, tenantId, 'data_key.rotate', { version });
    });
  }

  private async reseal(tenantId: string, untilMs: number): Promise<DataKeyRotation> {
    const keys = await this.database.inTenant(tenantId, (manager) => dataKeysOf(manager, tenantId));
    const [newest, ...older] = keys;
    const resealed = (await this.mayReseal())
      ? await resealColumns(this.database, this.sealer, tenantId, keys, untilMs)
      : 0;
    const left = await this.database.inTenant(tenantId, (manager) =>
      sealedWith(
        manager,
        older.map(({ id }) => id),
      ),
    );
    return { version: newest.version, resealed, left };
  }

  /** The journals name what was sent by its ciphertext: it changes only while they agree with the database. */
  private async mayReseal(): Promise<boolean> {
    const [row] = await this.database.call<{ may: boolean }>(
      'select not (gk.awaiting_journals($1) or gk.held()) as may',
      [journalGraceSeconds],
    );
    return row?.may ?? false;
  }

  /**
   * Deletes older data keys that nothing is sealed with, once every request that may still seal with one has ended. The
   * database refuses it where a row has come under one meanwhile.
   */
  private deleteUnused(tenantId: string): Promise<void> {
    return this.database.inTenant(tenantId, async (manager) => {
      const [, ...older] = await lockedKeys(manager, tenantId);
      for (const { id, version } of older) {
        if ((await sealedWith(manager, [id])) > 0) {
          await manager.update(TenantKey, { id, tenantId }, { unusedSince: null });
          continue;
        }
        const [, deleted] = await manager.query<[unknown, number]>(
          `delete from gk.tenant_keys where id = $1 and unused_since <= gk.now() - make_interval(secs => $2)
             and not exists (select from gk.intents i where i.created_at <= unused_since)`,
          [id, graceSeconds],
        );
        if (deleted > 0) await this.record(manager, tenantId, 'data_key.delete', { version });
        else {
          await manager.query(
            'update gk.tenant_keys set unused_since = gk.now() where id = $1 and unused_since is null',
            [id],
          );
        }
      }
    });
  }

  /** With the event of the caller who asked for it; the worker asks by itself. */
  private async record(
    manager: EntityManager,
    tenantId: string,
    action: keyof typeof logLines,
    data: { version: number },
  ) {
    if (callersChange()) {
      describeChange(manager, { data_key_version: { new: data.version } });
      return;
    }
    const event = { actor: 'worker', action, target: null, outcome: 'done', data };
    await this.trail.append(manager, tenantId, [event]);
    log.info({ tenantId, ...data }, logLines[action]);
  }

  private tenantsToRotate(after: string) {
    return this.database.call<{ id: string; isDue: boolean }>(
      'select tenant_id as id, is_due as "isDue" from gk.data_keys_to_rotate($1, $2, $3)',
      [mostSealsPerDataKey, after, tenantsInBatch],
    );
  }
}

/** Newest first. The tenant is locked by a statement of its own: the next one sees the key that was waited for. */
async function lockedKeys(manager: EntityManager, tenantId: string): Promise<TenantKey[]> {
  await manager.query('select 1 from gk.tenants where id = $1 for no key update', [tenantId]);
  return manager.find(TenantKey, {
    where: { tenantId },
    order: { version: 'DESC' },
    lock: { mode: 'for_no_key_update' },
  });
}

function noteUnreadable(error: unknown, tenantId: string): void {
  if (!(error instanceof VaultError)) throw error;
  if (error.code !== 'tenant_gone')
    log.warn({ err: error, tenantId }, 'the data keys of a tenant cannot be replaced, will retry');
}
