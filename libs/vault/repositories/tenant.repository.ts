import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { describeChange } from '../audit/caller-change.js';
import { added, changes, removed } from '../audit/changed-fields.js';
import { Database } from '../database.js';
import { refusingDuplicates } from '../database-errors.js';
import { Sealer } from '../encryption/sealer.js';
import { type AuditReads, type Branding, Tenant } from '../entities/tenant.entity.js';
import { TenantKey } from '../entities/tenant-key.entity.js';
import { findPage, type Page, type PageRequest } from '../page.js';
import { newRowId } from '../row-id.js';

/** Connections of a tenant that are removed by one statement, at most; with their history, that may be 100,000 rows. */
const pieceSize = 1_000;

/** Absent: as it is. */
export interface TenantChange {
  readonly name?: string | undefined;
  readonly disabled?: boolean | undefined;
  readonly renewalWeight?: number | undefined;
  /** Null: no limit. */
  readonly rateLimitPerSecond?: number | null | undefined;
  readonly keyRateLimitPerSecond?: number | null | undefined;
  readonly auditReads?: AuditReads | undefined;
  /** Null: none. */
  readonly branding?: Branding | null | undefined;
}

@Injectable()
export class TenantRepository {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
  ) {}

  /**
   * Creates the tenant together with its first data key.
   * @throws VaultError `duplicate`
   */
  async create(tenant: { slug: string; name: string }): Promise<Tenant> {
    const id = newRowId();
    const keyId = newRowId();
    const wrapped = await this.sealer.newDataKey(id, keyId, 1);
    return refusingDuplicates(
      this.database.inTenant(id, async (manager) => {
        await manager.insert(Tenant, { id, ...tenant, disabledAt: null });
        describeChange(manager, added({ id: tenant.slug, name: tenant.name }));
        await manager.insert(TenantKey, {
          id: keyId,
          tenantId: id,
          version: 1,
          wrapped,
          kekId: this.sealer.newestKekId,
        });
        return manager.findOneByOrFail(Tenant, { id });
      }),
    );
  }

  /** Which tenant a slug names: one statement, no scope needed. */
  async find(slug: string): Promise<{ id: string; disabled: boolean } | undefined> {
    const rows = await this.database.call<{ id: string; disabled: boolean }>(
      'select * from gk.find_tenant($1)',
      [slug],
    );
    return rows[0];
  }

  get(slug: string): Promise<Tenant | null> {
    return this.database.inPlatform((manager) => whole(manager, slug).getOne());
  }

  /** The look of its pages for users; undefined: it has given none, or is not there. */
  async branding(tenantId: string): Promise<(Branding & { readonly name: string }) | undefined> {
    const [row] = await this.database.inTenant(tenantId, (manager) =>
      manager.query<{ name: string; branding: Branding }[]>(
        'select name, branding from gk.tenants where id = $1 and branding is not null',
        [tenantId],
      ),
    );
    return row && { ...row.branding, name: row.branding.name ?? row.name };
  }

  list(page: PageRequest): Promise<Page<Tenant>> {
    return this.database.inPlatform((manager) => findPage(manager.getRepository(Tenant), {}, page));
  }

  async update(slug: string, change: TenantChange): Promise<Tenant | null> {
    return this.database.inPlatform(async (manager) => {
      const before = await whole(manager, slug).setLock('pessimistic_write').getOne();
      if (!before) return null;
      await manager.query(
        `update gk.tenants set name = coalesce($2, name), renewal_weight = coalesce($4, renewal_weight),
           audit_reads = coalesce($9, audit_reads), updated_at = gk.now(),
           branding = case when $10 then $11::jsonb else branding end,
           rate_limit_per_second = case when $5 then $6::integer else rate_limit_per_second end,
           key_rate_limit_per_second = case when $7 then $8::integer else key_rate_limit_per_second end,
           disabled_at = case $3::boolean when true then coalesce(disabled_at, gk.now()) when false then null else disabled_at end
         where slug = $1`,
        [
          slug,
          change.name ?? null,
          change.disabled ?? null,
          change.renewalWeight ?? null,
          change.rateLimitPerSecond !== undefined,
          change.rateLimitPerSecond ?? null,
          change.keyRateLimitPerSecond !== undefined,
          change.keyRateLimitPerSecond ?? null,
          change.auditReads ?? null,
          change.branding !== undefined,
          change.branding ? JSON.stringify(change.branding) : null,
        ],
      );
      const after = await whole(manager, slug).getOneOrFail();
      describeChange(manager, changes(fieldsOf(before), fieldsOf(after)));
      return after;
    });
  }

  /**
   * Shreds: the data keys go with the rows, so nothing of the tenant opens again. One of many connections is disabled
   * first and goes in pieces, so that no statement takes too long; where that is interrupted, it is done by asking
   * again.
   * @returns its id; undefined when there is no such tenant
   */
  async remove(slug: string): Promise<string | undefined> {
    const tenant = await this.find(slug);
    if (!tenant) return undefined;
    // From here on by its id: the slug may soon be another tenant's.
    if (await this.isLarge(tenant.id)) {
      await this.disable(tenant.id);
      // Nobody is told of each connection: the webhooks go, too.
      await this.database.inTenant(tenant.id, (manager) => manager.query('delete from gk.webhooks'));
      while ((await this.removePiece(tenant.id)) === pieceSize);
    }
    return this.database.inPlatform(async (manager) => {
      describeChange(manager, removed({ id: slug }));
      const { affected } = await manager.delete(Tenant, { id: tenant.id });
      return affected ? tenant.id : undefined;
    });
  }

  private async disable(id: string): Promise<void> {
    await this.database.inPlatform((manager) =>
      manager.query(
        'update gk.tenants set disabled_at = coalesce(disabled_at, gk.now()), updated_at = gk.now() where id = $1',
        [id],
      ),
    );
  }

  private async isLarge(id: string): Promise<boolean> {
    const rows = await this.database.inTenant(id, (manager) =>
      manager.query<unknown[]>('select 1 from gk.connections limit 1 offset $1', [pieceSize]),
    );
    return rows.length > 0;
  }

  /**
   * An array, because a join may look for its piece several times over.
   * @returns how many connections have gone; whose renewal is being written goes with the tenant itself
   */
  private async removePiece(id: string): Promise<number> {
    const [, removed] = await this.database.inTenant(id, (manager) =>
      manager.query<[unknown, number]>(
        `delete from gk.connections
         where id = any (array(select id from gk.connections limit $1 for update skip locked))`,
        [pieceSize],
      ),
    );
    return removed;
  }
}

/** As the API names them. */
function fieldsOf({ name, disabledAt, renewalWeight, auditReads, branding }: Tenant) {
  return {
    ...{ name, disabled: disabledAt !== null, renewal_weight: renewalWeight, audit_reads: auditReads },
    branding: branding ? { ...branding, logo: branding.logo && sha256(branding.logo) } : null,
  };
}

/** In place of what is too long for the audit trail. */
function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** With the branding. */
function whole(manager: EntityManager, slug: string): SelectQueryBuilder<Tenant> {
  return manager.createQueryBuilder(Tenant, 'tenant').addSelect('tenant.branding').where({ slug });
}
