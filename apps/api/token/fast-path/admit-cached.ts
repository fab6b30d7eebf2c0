import { type Authenticator, bearerOf, may, type WorkloadTokens } from '#access';

/**
 * Decides, as the route does, whether a caller may read a token, where that needs no question to the database.
 * @returns the tenant's row id; undefined when it is for the route to decide, or to refuse
 */
export function admitCached(
  authenticator: Authenticator,
  workloads: WorkloadTokens,
  authorization: string | undefined,
  tenant: string,
  id: string,
): string | undefined {
  const bearer = bearerOf(authorization);
  if (bearer === undefined) return undefined;
  const principal = authenticator.recall(bearer) ?? workloads.recall(bearer, tenant);
  if (!principal?.tenantId || principal.tenantSlug !== tenant) return undefined;
  return may(principal, 'token.read', tenant, id) ? principal.tenantId : undefined;
}
