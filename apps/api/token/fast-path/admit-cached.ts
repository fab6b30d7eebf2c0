import { type Authenticator, bearerOf, may, type Principal, type WorkloadTokens } from '#access';

export type TenantCaller = Principal & { readonly tenantId: string; readonly tenantSlug: string };

/**
 * Decides, as the route does, whether a caller may read a token, where that needs no question to the database.
 * @returns undefined when it is for the route to decide, or to refuse
 */
export function admitCached(
  authenticator: Authenticator,
  workloads: WorkloadTokens,
  authorization: string | undefined,
  tenant: string,
  id: string,
): TenantCaller | undefined {
  const bearer = bearerOf(authorization);
  if (bearer === undefined) return undefined;
  const principal = authenticator.recall(bearer) ?? workloads.recall(bearer, tenant);
  if (!principal || !isOfTenant(principal) || principal.tenantSlug !== tenant) return undefined;
  return may(principal, 'token.read', tenant, id) ? principal : undefined;
}

function isOfTenant(principal: Principal): principal is TenantCaller {
  return principal.tenantId !== null;
}
