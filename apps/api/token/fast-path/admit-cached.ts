import { type Authenticator, bearerOf, may, type Principal } from '#access';

/**
 * Decides, as the route does, whether a caller may read a token, where that needs no question to the database.
 * @returns who is calling; undefined when it is for the route to decide, or to refuse
 */
export function admitCached(
  authenticator: Authenticator,
  authorization: string | undefined,
  tenant: string,
  id: string,
): (Principal & { readonly tenantId: string }) | undefined {
  const bearer = bearerOf(authorization);
  const principal = bearer === undefined ? undefined : authenticator.recall(bearer);
  if (!isOf(tenant, principal)) return undefined;
  return may(principal, 'token.read', tenant, id) ? principal : undefined;
}

function isOf(tenant: string, principal?: Principal): principal is Principal & { readonly tenantId: string } {
  return typeof principal?.tenantId === 'string' && principal.tenantSlug === tenant;
}
