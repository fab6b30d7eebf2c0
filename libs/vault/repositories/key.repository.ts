import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';
import type { KeyEncryptionKey } from '../encryption/kek-provider.js';
import { Sealer } from '../encryption/sealer.js';
import { TenantKey } from '../entities/tenant-key.entity.js';
import { VaultError } from '../vault.errors.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { WorkloadIdentityRepository } from './workload-identity.repository.js';

/** A key-encryption key that is listed, or that still wraps something. */
export interface KeyEncryptionKeyUse {
  readonly id: string;
  /** Newest: it wraps from now on. Unlisted: what it wraps does not open. */
  readonly state: 'newest' | 'older' | 'unlisted';
  /** Null: unlisted, so nobody knows. */
  readonly kind: KeyEncryptionKey['kind'] | null;
  readonly dataKeys: number;
  /** Those among them that a newer data key of their tenant replaces. */
  readonly olderDataKeys: number;
  /** Rows of API keys and workload identities that it signs. */
  readonly callers: number;
  /** Events of the audit trail are verified by it, until they are pruned. */
  readonly signsAudit: boolean;
}

/** Tenants whose data keys are wrapped anew at the same time. */
const tenantsAtOnce = 4;

/** Before that of every tenant. */
const lowestId = '00000000-0000-0000-0000-000000000000';

/** Tenants that are looked for in one statement. */
const tenantsInBatch = 500;

/** Finds what needs which key-encryption key, and brings all under the newest. */
@Injectable()
export class KeyRepository {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly apiKeys: ApiKeyRepository,
    private readonly workloads: WorkloadIdentityRepository,
  ) {}

  /** Newest first; those that are not listed come last. */
  async uses(): Promise<KeyEncryptionKeyUse[]> {
    const counts = await this.counts();
    const { listedKeks, newestKekId } = this.sealer;
    const listed = listedKeks.map(
      ({ id, kind }) => ({ id, kind, state: id === newestKekId ? 'newest' : 'older' }) as const,
    );
    const unlisted = [...counts.keys()]
      .filter((kid) => listed.every(({ id }) => id !== kid))
      .sort()
      .map((id) => ({ id, kind: null, state: 'unlisted' }) as const);
    return [...listed, ...unlisted].map((key) => ({
      ...key,
      ...(counts.get(key.id) ?? { dataKeys: 0, olderDataKeys: 0, callers: 0, signsAudit: false }),
    }));
  }

  /** Ids of the listed ones whose key service has failed the last call. */
  unreachable(): string[] {
    return this.sealer.listedKeks.filter(({ provider }) => !provider.isReachable()).map(({ id }) => id);
  }

  /**
   * Wraps data keys and signs the rows of callers anew, by the newest key-encryption key, until none is left or the time
   * is over. Replicas read and renew meanwhile: a data key stays the same, so nothing that it sealed changes. Data
   * keys and rows under a key that is not listed stay as they are, and count as left.
   * @param timeMs after which no further tenant begins
   */
  async rewrap(timeMs: number): Promise<{ rewrapped: number; left: number }> {
    const untilMs = performance.now() + timeMs;
    let rewrapped = timeMs > 0 ? await this.apiKeys.reseal(null) : 0;
    const work = async (tenantIds: Iterable<string>) => {
      for (const tenantId of tenantIds) {
        if (performance.now() >= untilMs) return;
        const keys = await this.rewrapTenant(tenantId).catch(noneIfUnreadable);
        const callers = (await this.apiKeys.reseal(tenantId)) + (await this.workloads.reseal(tenantId));
        rewrapped += keys + callers;
      }
    };
    for (let after: string | undefined = lowestId; after !== undefined && performance.now() < untilMs; ) {
      const tenantIds = await this.tenantsToRewrap(after);
      const queue = tenantIds.values();
      await Promise.all(Array.from({ length: tenantsAtOnce }, () => work(queue)));
      after = tenantIds.at(-1);
    }
    const counts = await this.counts();
    counts.delete(this.sealer.newestKekId);
    const left = [...counts.values()].reduce((sum, { dataKeys, callers }) => sum + dataKeys + callers, 0);
    return { rewrapped, left };
  }

  private rewrapTenant(tenantId: string): Promise<number> {
    return this.database.inTenant(tenantId, async (manager) => {
      const keys = await manager.find(TenantKey, {
        where: { tenantId },
        lock: { mode: 'for_no_key_update' },
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

  private async counts() {
    const rows = await this.database.call<Omit<KeyEncryptionKeyUse, 'state' | 'kind'>>(
      'select kek_id as id, data_keys as "dataKeys", older_data_keys as "olderDataKeys", callers, signs_audit as "signsAudit" from gk.count_wrapped()',
      [],
    );
    return new Map(rows.map(({ id, ...use }) => [id, use]));
  }
}

const unreadable: readonly string[] = ['unknown_key', 'cannot_open', 'tenant_gone'];

function noneIfUnreadable(error: unknown): number {
  if (error instanceof VaultError && unreadable.includes(error.code)) return 0;
  throw error;
}
