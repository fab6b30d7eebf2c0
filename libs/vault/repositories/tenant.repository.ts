import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type EntityManager, IsNull, type SelectQueryBuilder } from 'typeorm';
import { describeChange } from '../audit/caller-change.js';
import { added, changes } from '../audit/changed-fields.js';
import { Database } from '../database.js';
import { refusingDuplicates } from '../database-errors.js';
import { Sealer } from '../encryption/sealer.js';
import { type AuditReads, type Branding, Tenant } from '../entities/tenant.entity.js';
import { TenantKey } from '../entities/tenant-key.entity.js';
import { findPage, type Page, type PageRequest } from '../page.js';
import { newRowId } from '../row-id.js';

const kept = { removedAt: IsNull() };

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

  /** None that is being removed, which keeps its name until its rows are gone; the same for the methods below. */
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
    return this.database.inPlatform((manager) => findPage(manager.getRepository(Tenant), kept, page));
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
  return manager
    .createQueryBuilder(Tenant, 'tenant')
    .addSelect('tenant.branding')
    .where({ slug, ...kept });
}
