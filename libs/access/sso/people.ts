import { createHash } from 'node:crypto';
import type { ConsoleSsoSettings } from '#config';
import type { ConsoleIdentity, SessionHolder, UsableSession, WorkloadIdentityRepository } from '#vault';
import type { Role } from '../roles.js';
import { type Claims, claimsMatch } from '../workload/claim-match.js';

/** OpenID Connect Core §2. */
const longestSubject = 255;

/** As what somebody may come in. */
export interface Entry {
  readonly tenantId: string | null;
  readonly tenantSlug: string | null;
  readonly role: Role;
  readonly holder: SessionHolder;
}

/**
 * As what a person of the issuer may come in: as platform administrator where the setting says so, and otherwise into
 * each tenant whose workload identities match, with the strongest role. Empty: nowhere.
 * @param tenantSlug the only tenant that is meant; null: any, or the platform
 */
export async function entriesOf(
  settings: ConsoleSsoSettings,
  identities: WorkloadIdentityRepository,
  claims: Claims,
  tenantSlug: string | null,
): Promise<Entry[]> {
  const { sub } = claims;
  if (typeof sub !== 'string' || !/^[^\p{Cc}]+$/u.test(sub) || sub.length > longestSubject) return [];
  const person = `${settings.issuer} ${sub}`;
  const counted = countedClaims(claims);
  const matched = settings.administrators.find((match) => claimsMatch(match, counted));
  if (matched && tenantSlug === null) {
    const holder = { kind: 'administrator', id: digestOf(settings, matched), person } as const;
    return [{ tenantId: null, tenantSlug: null, role: 'platform_admin', holder }];
  }
  const found = await identities.findForConsole(
    { issuer: settings.issuer, audience: settings.clientId, tenantSlug },
    ({ match }) => claimsMatch(match, counted),
  );
  const strongest = new Map<string, ConsoleIdentity>();
  for (const identity of found) {
    const { tenantId, role } = identity;
    if (role === 'tenant_admin' || !strongest.has(tenantId)) strongest.set(tenantId, identity);
  }
  return [...strongest.values()].map(({ id, tenantId, tenantSlug: slug, role }) => ({
    ...{ tenantId, tenantSlug: slug, role: role as Role },
    holder: { kind: 'identity', id, person },
  }));
}

/** The role of a session begun by single sign-on, while the settings still say so. */
export function roleNow(settings: ConsoleSsoSettings | undefined, session: UsableSession): string | null {
  const { holder, issuer, audience, role } = session;
  if (!settings || !holder.person.startsWith(`${settings.issuer} `)) return null;
  if (holder.kind === 'identity') {
    return issuer === settings.issuer && audience === settings.clientId ? role : null;
  }
  const isStill = settings.administrators.some((match) => digestOf(settings, match) === holder.id);
  return isStill ? 'platform_admin' : null;
}

/** An address that nobody has verified is anybody's. */
export function countedClaims({ email, ...claims }: Claims): Claims {
  return claims['email_verified'] === true && email !== undefined ? { ...claims, email } : claims;
}

/** Whether an identity lets people sign in to the console, and no JWT come in. */
export function isForConsole(
  settings: ConsoleSsoSettings | undefined,
  { issuer, audience }: { readonly issuer: string; readonly audience: string | null },
): boolean {
  return settings !== undefined && issuer === settings.issuer && audience === settings.clientId;
}

function digestOf({ issuer, clientId }: ConsoleSsoSettings, match: Readonly<Record<string, string>>): string {
  const members = Object.entries(match).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([issuer, clientId, members]))
    .digest('base64url');
}
