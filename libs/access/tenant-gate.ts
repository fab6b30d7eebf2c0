import { Injectable } from '@nestjs/common';
import { TenantRepository } from '#vault';
import type { TenantRef } from './caller.js';
import type { Principal } from './principal.js';

/** Which tenant a caller may name. */
@Injectable()
export class TenantGate {
  constructor(private readonly tenants: TenantRepository) {}

  /** Whether the caller may know anything about a tenant of that slug; asks nobody. */
  isOpen(principal: Principal, slug: string): boolean {
    return principal.role === 'platform_admin' || principal.tenantSlug === slug;
  }

  /** A tenant's own caller costs no statement; a platform admin one, and reaches disabled tenants too. */
  async enter(principal: Principal, slug: string): Promise<TenantRef | undefined> {
    if (!this.isOpen(principal, slug)) return undefined;
    if (principal.tenantId !== null) return { id: principal.tenantId, slug };
    const found = await this.tenants.find(slug);
    return found && { id: found.id, slug };
  }
}
