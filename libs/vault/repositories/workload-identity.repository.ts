import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';
import { refusingDuplicates } from '../database-errors.js';
import { RowMac, type SealedMembers } from '../encryption/row-mac.js';
import { WorkloadIdentity } from '../entities/workload-identity.entity.js';
import { findPage, type Page, type PageRequest } from '../page.js';
import { newRowId } from '../row-id.js';
import { VaultError } from '../vault.errors.js';
import { resealRows } from './reseal-rows.js';
import { isOurs } from './row-let-in.js';

/** All of an issuer are looked through for each JWT that is not known yet. */
const mostPerTenant = 500;

type Binding = Pick<WorkloadIdentity, 'slug' | 'issuer' | 'audience' | 'match' | 'role' | 'connections'>;

/** One that its HMAC shows to be ours, of a tenant that is not disabled. */
export interface UsableWorkloadIdentity extends Binding {
  readonly tenantId: string;
  /** Requests per second of all callers of the tenant together; null: no limit. */
  readonly rateLimitPerSecond: number | null;
  /** Of each caller; null: no limit. */
  readonly keyRateLimitPerSecond: number | null;
}

/** One by which people sign in to the console. */
export interface ConsoleIdentity extends Binding {
  readonly id: string;
  readonly tenantId: string;
  readonly tenantSlug: string;
}

interface ConsoleAudience {
  readonly issuer: string;
  readonly audience: string;
  readonly tenantSlug: string | null;
}

@Injectable()
export class WorkloadIdentityRepository {
  constructor(
    private readonly database: Database,
    private readonly macs: RowMac,
  ) {}

  /** Those of one tenant and issuer. */
  async findUsable(tenantSlug: string, issuer: string): Promise<UsableWorkloadIdentity[]> {
    const rows = await this.database.call<UsableWorkloadIdentity & WorkloadIdentity>(
      `select id, tenant_id as "tenantId", slug, $2 as issuer, audience, match, role, connections, mac_kid as "macKid", mac,
         rate_limit as "rateLimitPerSecond", key_rate_limit as "keyRateLimitPerSecond"
       from gk.find_workload_identities($1, $2)`,
      [tenantSlug, issuer],
    );
    return rows.filter((row) => isOurs(this.macs, sealedMembers(row), row));
  }

  /**
   * Those by which people of an issuer may sign in to the console.
   * @param tenantSlug null: of every tenant
   * @param isMeant which of them are wanted: only of those is it looked at who has written them
   */
  async findForConsole(
    { issuer, audience, tenantSlug }: ConsoleAudience,
    isMeant: (binding: Binding) => boolean,
  ): Promise<ConsoleIdentity[]> {
    const rows = await this.database.call<ConsoleIdentity & WorkloadIdentity>(
      `select id, tenant_id as "tenantId", tenant_slug as "tenantSlug", slug, $1 as issuer, $2 as audience, match, role,
         connections, mac_kid as "macKid", mac
       from gk.find_console_identities($1, $2, $3)`,
      [issuer, audience, tenantSlug],
    );
    return rows.filter((row) => isMeant(row) && isOurs(this.macs, sealedMembers(row), row));
  }

  /** @throws VaultError `duplicate` or `too_many` */
  create(tenantId: string, binding: Binding): Promise<WorkloadIdentity> {
    const row = { ...binding, id: newRowId(), tenantId };
    return refusingDuplicates(
      this.database.inTenant(tenantId, async (manager) => {
        await manager.query('select 1 from gk.tenants where id = $1 for no key update', [tenantId]);
        if ((await manager.countBy(WorkloadIdentity, { tenantId })) >= mostPerTenant) {
          throw new VaultError('too_many');
        }
        await manager.insert(WorkloadIdentity, { ...row, ...this.macs.seal(sealedMembers(row)) });
        return manager.findOneByOrFail(WorkloadIdentity, { tenantId, id: row.id });
      }),
    );
  }

  /**
   * Signs rows anew that an older key-encryption key signs. One that does not verify is left as it is.
   * @returns how many
   */
  reseal(tenantId: string): Promise<number> {
    return this.database.inTenant(tenantId, (manager) =>
      resealRows(manager, WorkloadIdentity, this.macs, sealedMembers, tenantId),
    );
  }

  find(tenantId: string, slug: string): Promise<WorkloadIdentity | null> {
    return this.database.inTenant(tenantId, (manager) =>
      manager.findOneBy(WorkloadIdentity, { tenantId, slug }),
    );
  }

  list(tenantId: string, page: PageRequest): Promise<Page<WorkloadIdentity>> {
    return this.database.inTenant(tenantId, (manager) =>
      findPage(manager.getRepository(WorkloadIdentity), { tenantId }, page),
    );
  }

  /** @returns false when there is none of that name */
  remove(tenantId: string, slug: string): Promise<boolean> {
    return this.database.inTenant(
      tenantId,
      async (manager) => ((await manager.delete(WorkloadIdentity, { tenantId, slug })).affected ?? 0) > 0,
    );
  }
}

/** JSON keeps no order of members in the database. */
export function sealedMembers(row: Binding & { id: string; tenantId: string }): SealedMembers {
  const match = Object.entries(row.match).sort(([a], [b]) => (a < b ? -1 : 1));
  const { id, tenantId, slug, issuer, audience, role, connections } = row;
  return ['workload_identities', id, tenantId, slug, issuer, audience, match, role, connections];
}
