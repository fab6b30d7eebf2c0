import type { Role } from './roles.js';

/** Requests per second that a tenant allows; null: as many as come. */
export interface RequestLimit {
  /** Of the tenant as a whole. */
  readonly perSecond: number | null;
  /** Of each caller. */
  readonly perSecondOfCaller: number | null;
}

/** Who is calling, and for whom. */
export interface Principal {
  /** API key id, also that of a session; or the issuer and subject of a workload or of a person. */
  readonly callerId: string;
  readonly role: Role;
  /** Null for a platform admin only. */
  readonly tenantId: string | null;
  readonly tenantSlug: string | null;
  /** Slugs a token reader is narrowed to; null means every connection of the tenant. */
  readonly connections: readonly string[] | null;
  /** Comes with a session of the console: no token is for a browser. */
  readonly isConsole?: boolean;
  /** Of a session: by what it was begun, and how long ago that was. */
  readonly signIn?: { readonly by: 'api_key' | 'single_sign_on'; readonly secondsAgo: number };
  /** Absent: none is set. */
  readonly limits?: RequestLimit;
}

/** As a tenant's row has them. */
export function limitsOf({
  rateLimitPerSecond: perSecond,
  keyRateLimitPerSecond: perSecondOfCaller,
}: {
  readonly rateLimitPerSecond: number | null;
  readonly keyRateLimitPerSecond: number | null;
}): { readonly limits?: RequestLimit } {
  return perSecond === null && perSecondOfCaller === null ? {} : { limits: { perSecond, perSecondOfCaller } };
}
