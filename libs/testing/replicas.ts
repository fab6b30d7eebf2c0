import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { Renewer } from '#renewal';
import { TokenReader } from '#token-reads';
import { type Connection, ConnectionRepository, RenewalRepository } from '#vault';
import { type Core, createCore } from './core.js';
import { startSandbox } from './sandbox.js';
import { type SandboxControl, sandboxControl } from './sandbox-control.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';
import { connectClient, createTenant, type TestTenant } from './test-tenant.js';

/** Access tokens of the sandbox's default live so long. */
export const lifetimeSeconds = 300;

/** Of a replica that is not there, and whose journal nobody waits for. */
export const leaseOf = (seconds: number) => ({
  owner: randomUUID(),
  journalId: randomUUID(),
  seconds,
  graceSeconds: 0,
});

/**
 * A database, the provider sandbox and two replicas for the tests of one file; before each test a tenant with a
 * connection of generation 1, and the clock back at the real time.
 */
export function useReplicas(env: Readonly<Record<string, string>> = {}) {
  let database: TestDatabase;
  let sandbox: SandboxControl;
  let stopSandbox: () => Promise<void>;
  let replicas: [Core, Core];
  const running = new Set<Core>();
  let tenant: TestTenant;
  let connection: Connection;

  beforeAll(async () => {
    database = await createTestDatabase();
    const providers = await startSandbox();
    stopSandbox = () => providers.close();
    sandbox = sandboxControl(providers.origin);
    replicas = [await start(), await start()];
  });
  beforeEach(async () => {
    await database.setClockOffset(0);
    // Connections of other tests must not fall due here.
    await database.query('update gk.connections set next_renewal_at = null');
    await sandbox.clearRules();
    tenant = await createTenant(replicas[0], sandbox);
    connection = await connectClient(replicas[0], tenant);
  });
  afterAll(async () => {
    // Those of a test that failed before it could stop them would disturb all tests that follow.
    await Promise.all([...running].map((replica) => replica.close()));
    await stopSandbox();
    await database.drop();
  });

  const start = async (overrides: Readonly<Record<string, string>> = {}): Promise<Core> => {
    const core = await createCore({ database, sandbox: sandbox.origin, env: { ...env, ...overrides } });
    const replica: Core = {
      get: (token) => core.get(token),
      close: async () => {
        if (running.delete(replica)) await core.close();
      },
    };
    running.add(replica);
    return replica;
  };
  const core = (number: 0 | 1 = 0) => replicas[number];

  return {
    start,
    core,
    database: () => database,
    sandbox: () => sandbox,
    tenant: () => tenant,
    connectionId: () => connection.id,
    renewer: (number: 0 | 1 = 0) => core(number).get(Renewer),
    reader: (number: 0 | 1 = 0) => core(number).get(TokenReader),
    /** The test's connection at this generation, as `renew` wants it. */
    target: (generation = 1) => ({ tenantId: tenant.id, connectionId: connection.id, generation }),
    read: (minTtlSeconds = 60, number: 0 | 1 = 0) =>
      core(number).get(TokenReader).read(tenant.id, 'main', minTtlSeconds),
    stored: async (slug = 'main') => {
      const found = await core().get(ConnectionRepository).find(tenant.id, slug);
      if (!found) throw new Error('The connection of the test is gone.');
      return found;
    },
    /** Token requests of the test's client so far, the one that connected it included. */
    asked: async () => (await sandbox.counts(tenant.clientId)).arrived,
    /** Another connection, `code`, whose provider gave no refresh token: it ends with its access token. */
    connectByCode: async () => {
      const { id: tenantId, credential } = tenant;
      const code = await core().get(ConnectionRepository).create(tenantId, {
        slug: 'code',
        credentialId: credential.id,
        grant: 'authorization_code',
        subject: null,
        requestedScope: null,
        renewal: 'auto',
        takeOverSeconds: null,
      });
      const renewals = core().get(RenewalRepository);
      const target = { tenantId, connectionId: code.id, generation: 0 };
      const claim = await renewals.claim(target, leaseOf(15));
      const loaded = 'refusal' in claim ? null : await renewals.load(claim);
      if ('refusal' in claim || !loaded) throw new Error('A new connection can be claimed.');
      await renewals.commit(claim, loaded, {
        contents: { accessToken: 'by-code', tokenType: 'Bearer', scope: null, refreshToken: null },
        issuedAt: claim.claimedAt,
        expiresAt: new Date(claim.claimedAt.getTime() + lifetimeSeconds * 1_000),
        refreshTokenExpiresAt: null,
        nextRenewalAt: new Date(claim.claimedAt.getTime() + 200_000),
        renewAheadAt: null,
        grantEndsAt: null,
        rotating: false,
        singleUse: false,
        announce: false,
      });
      return { ...target, generation: 1 };
    },
    /** Moves the database's clock to so many seconds after the real time. */
    at: (seconds: number) => database.setClockOffset(seconds),
  };
}
