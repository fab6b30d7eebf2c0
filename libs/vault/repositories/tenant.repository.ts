import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';
import { refusingDuplicates } from '../database-errors.js';
import { Sealer } from '../encryption/sealer.js';
import { Tenant } from '../entities/tenant.entity.js';
import { TenantKey } from '../entities/tenant-key.entity.js';
import { findPage, type Page, type PageRequest } from '../page.js';
import { newRowId } from '../row-id.js';

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
        await manager.insert(TenantKey, { id: keyId, tenantId: id, version: 1, wrapped });
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
    return this.database.inPlatform((manager) => manager.findOneBy(Tenant, { slug }));
  }

  list(page: PageRequest): Promise<Page<Tenant>> {
    return this.database.inPlatform((manager) => findPage(manager.getRepository(Tenant), {}, page));
  }

  async update(
    slug: string,
    change: { name?: string; disabled?: boolean; renewalWeight?: number },
  ): Promise<Tenant | null> {
    return this.database.inPlatform(async (manager) => {
      await manager.query(
        `update gk.tenants set name = coalesce($2, name), renewal_weight = coalesce($4, renewal_weight), updated_at = gk.now(),
           disabled_at = case $3::boolean when true then coalesce(disabled_at, gk.now()) when false then null else disabled_at end
         where slug = $1`,
        [slug, change.name ?? null, change.disabled ?? null, change.renewalWeight ?? null],
      );
      return manager.findOneBy(Tenant, { slug });
    });
  }

  /** Shreds: the data keys go with the rows, so nothing of the tenant opens again. */
  async remove(slug: string): Promise<boolean> {
    return this.database.inPlatform(
      async (manager) => ((await manager.delete(Tenant, { slug })).affected ?? 0) > 0,
    );
  }
}
