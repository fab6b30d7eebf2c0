import { limitsOf, type Principal } from '../principal.js';
import { tenantRoles } from '../roles.js';
import { type ClaimMatcher, claimsMatch } from './claim-match.js';
import type { VerifiedJwt } from './jwt-verifier.js';

/** Of a subject, which becomes a part of the audit and of keys of the database; bytes. */
const longestSubject = 1_024;

export interface BoundIdentity {
  readonly tenantId: string;
  readonly slug: string;
  /** Null: the one that the issuer is listed with. */
  readonly audience: string | null;
  readonly match: Readonly<Record<string, ClaimMatcher>>;
  readonly role: string;
  readonly connections: readonly string[] | null;
  readonly rateLimitPerSecond: number | null;
  readonly keyRateLimitPerSecond: number | null;
}

/**
 * Who a verified JWT is in a tenant: the strongest role of the identities that match it, for all the connections that
 * those of this role name. Undefined when none does.
 */
export function principalOf(
  { issuer, claims }: VerifiedJwt,
  tenantSlug: string,
  identities: readonly BoundIdentity[],
): Principal | undefined {
  const { sub } = claims;
  if (sub !== undefined && (typeof sub !== 'string' || !isSubject(sub))) return undefined;
  const audiences = Array.isArray(claims['aud']) ? (claims['aud'] as unknown[]) : [claims['aud']];
  const matching = identities.filter(
    ({ audience, match }) => audiences.includes(audience ?? issuer.audience) && claimsMatch(match, claims),
  );
  // The roles are listed from the strongest on.
  const role = tenantRoles.find((one) => matching.some((identity) => identity.role === one));
  const strongest = matching.filter((identity) => identity.role === role);
  const [first] = strongest;
  if (!role || !first) return undefined;
  return {
    callerId: `${issuer.issuer} ${sub ?? first.slug}`,
    role,
    tenantId: first.tenantId,
    tenantSlug,
    connections: strongest.some(({ connections }) => connections === null)
      ? null
      : [...new Set(strongest.flatMap(({ connections }) => connections ?? []))],
    ...limitsOf(first),
  };
}

function isSubject(sub: string): boolean {
  return Buffer.byteLength(sub) <= longestSubject && !/\p{Cc}/u.test(sub);
}
