import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { cacheEntries } from '#observability';
import { CLOCK, type Clock } from '#provider-kit';
import { ChangeFeed, HeardCache, TenantRepository } from '#vault';
import type { TenantRef } from './caller.js';
import type { Principal } from './principal.js';

const maxEntries = 10_000;

/** Which tenant a caller may name. */
@Injectable()
export class TenantGate {
  /** By slug; the tenants that platform admins have named. */
  private readonly known: HeardCache<TenantRef>;

  constructor(
    private readonly tenants: TenantRepository,
    feed: ChangeFeed,
    @Inject(CLOCK) clock: Clock,
    @InjectSettings() settings: Settings,
  ) {
    this.known = new HeardCache(feed, clock, {
      maxEntries,
      outageSeconds: settings.outageReadSeconds,
      rowsOf: {
        api_key: undefined,
        tenant: ({ id }) => id,
        connection: undefined,
        workload_identities: undefined,
      },
    });
    cacheEntries.observe(() => [[{ cache: 'tenants' }, this.known.size]], 'tenants');
  }

  /** Whether the caller may know anything about a tenant of that slug; asks nobody. */
  isOpen(principal: Principal, slug: string): boolean {
    return principal.role === 'platform_admin' || principal.tenantSlug === slug;
  }

  /** A tenant's own caller costs no statement; a platform admin one, and reaches disabled tenants too. */
  async enter(principal: Principal, slug: string): Promise<TenantRef | undefined> {
    if (!this.isOpen(principal, slug)) return undefined;
    if (principal.tenantId !== null) return { id: principal.tenantId, slug };
    const asked = this.known.asking();
    const found = await this.tenants.find(slug);
    if (!found) return undefined;
    const tenant = { id: found.id, slug };
    this.known.put(slug, tenant, asked);
    return tenant;
  }

  /**
   * As `enter`, where that is known without asking the database.
   * @param nowMs on the monotonic clock
   * @returns the tenant's id
   */
  recall(principal: Principal, slug: string, nowMs: number): string | undefined {
    if (!this.isOpen(principal, slug)) return undefined;
    return principal.tenantId ?? this.known.get(slug, nowMs)?.id;
  }
}
