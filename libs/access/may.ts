import type { Principal } from './principal.js';
import type { Role } from './roles.js';

/** Everything a call can be for, and the roles that may do it inside their own tenant. */
const allowed = {
  'provider.read': ['tenant_admin', 'connector', 'token_reader'],
  'platform_key.manage': [],
  'hold.read': [],
  'hold.release': [],
  'key.read': [],
  'key.rewrap': [],
  'data_key.rotate': [],
  'metrics.read': [],
  'tenant.list': [],
  'tenant.create': [],
  'tenant.change': [],
  'tenant.read': ['tenant_admin'],
  'audit.read': ['tenant_admin'],
  'platform_audit.read': [],
  'api_key.manage': ['tenant_admin'],
  'workload_identity.manage': ['tenant_admin'],
  'credential.read': ['tenant_admin'],
  'credential.write': ['tenant_admin'],
  'connection.read': ['tenant_admin', 'connector'],
  'connection.create': ['tenant_admin', 'connector'],
  'connection.authorize': ['tenant_admin', 'connector'],
  'connection.probe': ['tenant_admin', 'connector'],
  'connection.change': ['tenant_admin'],
  'webhook.manage': ['tenant_admin'],
  'console.sign_in': ['tenant_admin', 'connector'],
  'console.read': ['tenant_admin', 'connector', 'token_reader'],
  'token.read': ['tenant_admin', 'token_reader'],
  'token.reject': ['tenant_admin', 'token_reader'],
} as const satisfies Record<string, readonly Role[]>;

export type Action = keyof typeof allowed;

export const actions = Object.keys(allowed) as Action[];

/** A browser gets no token, whatever its key may do, and a session begins no other. */
const closedToConsole: readonly Action[] = ['token.read', 'token.reject', 'console.sign_in'];

/**
 * The one place that says who may do what. A platform admin may do everything, everybody else only what the table
 * above says, in one tenant.
 * @param tenantSlug null for what belongs to no tenant
 * @param connectionSlug where the call is about one connection
 */
export function may(
  principal: Principal,
  action: Action,
  tenantSlug: string | null,
  connectionSlug?: string,
): boolean {
  if (principal.isConsole && closedToConsole.includes(action)) return false;
  if (principal.role === 'platform_admin') return true;
  if (tenantSlug !== null && tenantSlug !== principal.tenantSlug) return false;
  const roles: readonly Role[] = allowed[action];
  if (!roles.includes(principal.role)) return false;
  return (
    principal.connections === null ||
    connectionSlug === undefined ||
    principal.connections.includes(connectionSlug)
  );
}
