import { describe, expect, it } from '@jest/globals';
import { type Action, actions, may } from './may.js';
import type { Principal } from './principal.js';
import type { Role } from './roles.js';

/** Columns: tenant_admin, connector, token_reader, each inside its own tenant. */
const table: Record<Action, [boolean, boolean, boolean]> = {
  'provider.read': [true, true, true],
  'platform_key.manage': [false, false, false],
  'hold.read': [false, false, false],
  'hold.release': [false, false, false],
  'key.read': [false, false, false],
  'key.rewrap': [false, false, false],
  'data_key.rotate': [false, false, false],
  'metrics.read': [false, false, false],
  'tenant.list': [false, false, false],
  'tenant.create': [false, false, false],
  'tenant.change': [false, false, false],
  'tenant.read': [true, false, false],
  'audit.read': [true, false, false],
  'platform_audit.read': [false, false, false],
  'api_key.manage': [true, false, false],
  'workload_identity.manage': [true, false, false],
  'credential.read': [true, false, false],
  'credential.write': [true, false, false],
  'connection.read': [true, true, false],
  'connection.create': [true, true, false],
  'connection.authorize': [true, true, false],
  'connection.probe': [true, true, false],
  'connection.change': [true, false, false],
  'webhook.manage': [true, false, false],
  'console.sign_in': [true, true, false],
  'console.read': [true, true, true],
  'token.read': [true, false, true],
  'token.reject': [true, false, true],
};

const principal = (role: Role, connections: string[] | null = null): Principal => ({
  callerId: 'k1',
  role,
  tenantId: role === 'platform_admin' ? null : 't1',
  tenantSlug: role === 'platform_admin' ? null : 'acme',
  connections,
});

const columns: Role[] = ['tenant_admin', 'connector', 'token_reader'];
const rows = actions.flatMap((action) =>
  columns.map((role, column) => [role, action, table[action][column] === true] as const),
);

describe('may', () => {
  it('is asked about every action there is', () => {
    expect(Object.keys(table).sort()).toEqual([...actions].sort());
  });

  it.each(rows)('%s, %s: %s', (role, action, expected) => {
    expect(may(principal(role), action, 'acme')).toBe(expected);
  });

  it.each(rows)('%s, %s, in another tenant: false', (role, action) => {
    expect(may(principal(role), action, 'globex')).toBe(false);
  });

  it.each(actions)('platform_admin, %s: true everywhere', (action) => {
    expect(may(principal('platform_admin'), action, 'acme')).toBe(true);
    expect(may(principal('platform_admin'), action, null)).toBe(true);
  });

  it('gives a browser no token, whatever its key may do, and no second session', () => {
    for (const role of ['platform_admin', ...columns] as const) {
      const browser = { ...principal(role), isConsole: true };
      for (const action of ['token.read', 'token.reject', 'console.sign_in'] as const)
        expect([role, action, may(browser, action, 'acme')]).toEqual([role, action, false]);
      expect(may(browser, 'console.read', null)).toBe(true);
    }
  });

  it('keeps a narrowed reader to its connections', () => {
    const narrowed = principal('token_reader', ['crm']);
    expect(may(narrowed, 'token.read', 'acme', 'crm')).toBe(true);
    expect(may(narrowed, 'token.reject', 'acme', 'crm')).toBe(true);
    expect(may(narrowed, 'token.read', 'acme', 'erp')).toBe(false);
    expect(may(principal('token_reader', []), 'token.read', 'acme', 'crm')).toBe(false);
  });
});
