import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '#testing';
import { auditHash } from './audit/audit-hash.js';
import { dataSourceOptions } from './data-source-options.js';
import { Baseline1764000000001 } from './migrations/0001-baseline.js';
import { migrations } from './migrations/index.js';
import { HoldRepository } from './repositories/hold.repository.js';
import { InstallationRepository } from './repositories/installation.repository.js';
import { defineFunctions } from './schema/define-functions.js';
import {
  answeredRequest,
  type Fixture,
  fixtureKeys,
  fixtureMacSecret,
  loadFixture,
  readFixture,
  recordFixture,
  tablesOf,
} from './spec-support/upgrade/fixture.js';
import {
  claimNow,
  commitNow,
  lease,
  openVault,
  storedSecrets,
  type TestVault,
} from './spec-support/vault.js';

/** Stands for the next release: a column that is filled for the rows there are. */
class Later9999999999999 implements MigrationInterface {
  name = 'Later9999999999999';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table gk.connections add column label text;
      -- Forced row-level security hides every row from the owner too.
      alter table gk.connections no force row level security;
      update gk.connections set label = slug;
      alter table gk.connections force row level security;
      alter table gk.connections alter column label set not null`);
  }

  async down(): Promise<void> {
    throw new Error('There is no way back.');
  }
}

/**
 * Rows of every table as 0.1.0 has written them, migrated by everything since and read by the code as it is.
 * `UPDATE_FIXTURE=1 npm test -- libs/vault/upgrade` records them anew, which only a release not yet made may do.
 */
describe('the rows of 0.1.0', () => {
  let database: TestDatabase;
  let vault: TestVault;
  let fixture: Fixture;

  const run = async (toRun: readonly (new () => MigrationInterface)[], withFunctions: boolean) => {
    const options = { ...dataSourceOptions(database.url, 1), migrations: [...toRun] };
    const dataSource = await new DataSource(options).initialize();
    await dataSource.runMigrations();
    const runner = dataSource.createQueryRunner();
    if (withFunctions) await defineFunctions(runner);
    await runner.release();
    await dataSource.destroy();
  };
  const rowOf = (table: string) => fixture[table]?.[0] ?? {};
  const textOf = (table: string, column: string) => String(rowOf(table)[column]);
  const bytesOf = (table: string, column: string) => Buffer.from(textOf(table, column).slice(2), 'hex');

  beforeAll(async () => {
    database = await createTestDatabase();
    if (process.env['UPDATE_FIXTURE'] === '1') await recordFixture(database);
    fixture = readFixture();
    await database.query('drop schema gk cascade; create schema gk');
    await run([Baseline1764000000001], false);
    await loadFixture(database, fixture);
    await run([...migrations, Later9999999999999], true);
    // A day later, so that the leases of just recorded rows have ended too.
    await database.query(`create or replace function gk.now() returns timestamptz language sql volatile
      as $$ select clock_timestamp() + interval '1 day' $$`);
    vault = await openVault(database.url, fixtureKeys);
  }, 60_000);
  afterAll(async () => {
    await vault.close();
    await database.drop();
  });

  /** The code reads this from each table, and must find it as it was written. */
  const tenantId = () => textOf('tenants', 'id');
  const tenant = () => textOf('tenants', 'slug');
  const connectionId = () => textOf('connections', 'id');
  const loaded = async () => {
    const generation = Number(rowOf('connections')['generation']);
    return vault.renewals.load({ tenantId: tenantId(), connectionId: connectionId(), generation });
  };
  const readings: Readonly<Record<string, () => Promise<void>>> = {
    api_keys: async () =>
      expect(await vault.apiKeys.findUsable(bytesOf('api_keys', 'hash'))).toMatchObject({
        role: 'token_reader',
        tenantSlug: tenant(),
      }),
    audit_events: async () => {
      const [event] = (await vault.audit.list(tenantId(), { limit: 1 })).items;
      if (!event) throw new Error('Expected an audit event.');
      expect(event.action).toBe('populate');
      expect(auditHash(event)).toEqual(event.hash);
    },
    audit_chains: async () =>
      expect(await vault.audit.checkpoint(tenantId())).toMatchObject({
        sequence: 1,
        hash: textOf('audit_events', 'hash').slice(2),
      }),
    authorization_sessions: async () =>
      expect(await vault.authorizations.find(bytesOf('authorization_sessions', 'link_hash'))).toMatchObject({
        tenantId: tenantId(),
        secrets: { codeVerifier: 'v' },
        expired: true,
      }),
    connection_events: async () => {
      const { items } = await vault.connections.events(tenantId(), connectionId(), { limit: 5 });
      expect(items.map(({ type }) => type)).toEqual(['connection.active']);
    },
    connection_counts: async () =>
      expect((await new InstallationRepository(vault.database).counts()).connections).toEqual([
        { provider: 'some-provider', status: 'active', count: 1 },
      ]),
    connection_labels: async () => {
      const { items } = await vault.connections.list(tenantId(), { label: { team: 'sales' } }, { limit: 5 });
      expect(items.map(({ id }) => id)).toEqual([connectionId()]);
    },
    connections: async () =>
      expect(await database.query('select label, status, generation from gk.connections')).toEqual([
        { label: 'main', status: 'active', generation: 1 },
      ]),
    console_sessions: async () =>
      expect(await database.query('select api_key_id as id from gk.console_sessions')).toEqual([
        { id: rowOf('api_keys')['id'] },
      ]),
    credential_secrets: async () =>
      expect(await storedSecrets(vault, tenantId())).toEqual([
        { kind: 'client_secret', value: `secret of ${tenant()}` },
      ]),
    credentials: async () =>
      expect(await vault.credentials.find(tenantId(), 'main')).toMatchObject({ clientId: 'client' }),
    deliveries: async () => {
      const [claim] = await vault.deliveries.claim(5, { owner: lease().owner, seconds: 30 });
      if (!claim) throw new Error('Expected a delivery.');
      expect(await vault.deliveries.load(claim)).toMatchObject({
        url: 'https://receiver.example/hook',
        secret: expect.stringMatching(/^whsec_/),
        payload: { type: 'connection.active', data: { tenant: tenant() } },
      });
    },
    deployment: async () =>
      expect(await database.query('select id, server from gk.deployment')).toEqual([
        { id: rowOf('deployment')['id'], server: expect.stringMatching(/^\d+\/[0-9A-F]{8}$/) },
      ]),
    mac_keys: async () => {
      expect(await fixtureMacSecret(database)).toHaveLength(32);
      expect(await database.query('select wrapped from gk.mac_keys')).toEqual([
        { wrapped: rowOf('mac_keys')['wrapped'] },
      ]);
    },
    holds: async () =>
      expect(await new HoldRepository(vault.database).last()).toMatchObject({
        reason: 'journal_lost',
        details: { journal: 'recorded' },
        releasedAt: null,
      }),
    idempotency_keys: async () =>
      expect(
        await database.query('select status, body from gk.idempotency_keys where key = $1', [
          answeredRequest.key,
        ]),
      ).toEqual([{ status: 201, body: { id: 'answered' } }]),
    intents: async () =>
      expect(
        await vault.renewals.claim(
          { tenantId: tenantId(), connectionId: connectionId(), generation: 1 },
          lease(),
        ),
      ).toMatchObject({ refusal: 'held' }),
    journals: async () =>
      expect(await database.query('select id from gk.journals')).toEqual([
        { id: '00000000-0000-4000-8000-000000000001' },
      ]),
    pending_grants: async () =>
      expect((await loaded())?.pending).toMatchObject({
        grant: { type: 'refresh_token', refreshToken: `pending of ${tenant()}` },
        expired: true,
      }),
    tenant_keys: async () => expect((await loaded())?.dataKeys).toHaveLength(1),
    tenants: async () =>
      expect(await vault.tenants.find(tenant())).toEqual({ id: tenantId(), disabled: false }),
    token_sets: async () =>
      expect((await vault.tokens.read(tenantId(), 'main'))?.token?.accessToken).toBe(`token of ${tenant()}`),
    webhooks: async () =>
      expect((await vault.webhooks.list(tenantId(), { limit: 5 })).items).toMatchObject([
        { url: 'https://receiver.example/hook', disabledAt: null },
      ]),
    workload_identities: async () =>
      expect(await vault.workloadIdentities.findUsable(tenant(), 'https://ci.example')).toMatchObject([
        { slug: 'ci', match: { sub: { glob: 'repo:acme/*' } }, role: 'token_reader' },
      ]),
  };

  it('are there for every table, and each is read by this test', async () => {
    const tables = await tablesOf(database);
    expect(Object.keys(fixture).sort()).toEqual(tables);
    expect(Object.keys(readings).sort()).toEqual(tables);
    expect(tables.filter((table) => (fixture[table] ?? []).length === 0)).toEqual([]);
  });

  it.each(Object.keys(readings))('of %s are read, and opened where they are sealed', async (table) => {
    await readings[table]?.();
  });

  it('are renewed on: the next generation is written over them', async () => {
    await database.query('update gk.holds set released_at = gk.now()');
    await database.query('update gk.connections set journal_wait_until = null, retry_not_before = null');
    const target = { tenantId: tenantId(), connectionId: connectionId(), generation: 1 };
    expect(await commitNow(vault, await claimNow(vault, target), 'the next')).toBe(true);
    expect((await vault.tokens.read(tenantId(), 'main'))?.token?.accessToken).toBe('the next');
  });
});
