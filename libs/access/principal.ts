import type { Role } from './roles.js';

/** Who is calling, and for whom. */
export interface Principal {
  /** API key id, or the workload's issuer and subject. */
  readonly callerId: string;
  readonly role: Role;
  /** Null for a platform admin only. */
  readonly tenantId: string | null;
  readonly tenantSlug: string | null;
  /** Slugs a token reader is narrowed to; null means every connection of the tenant. */
  readonly connections: readonly string[] | null;
}
