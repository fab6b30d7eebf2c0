import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { loadSettings } from '#config';
import { log } from '#observability';
import { AwsKmsStandIn, createTestDatabase, eventually, type TestDatabase, TransitStandIn } from '#testing';
import { withAuditChains } from '../audit/with-audit-chains.js';
import { dataSourceOptions } from '../data-source-options.js';
import {
  addCredential,
  claimNow,
  commitNow,
  openVault,
  populate,
  type TestVault,
} from '../spec-support/vault.js';
import { openKeks } from './open-keks.js';

const local = `env:${Buffer.alloc(32, 3).toString('base64')}`;
const secrets = { aws: 'canary-aws-secret-access-key', transit: 'canary-transit-token' };
const kms = new AwsKmsStandIn(secrets.aws);
const transit = new TransitStandIn(secrets.transit);
const said: string[] = [];

const services = [
  {
    kind: 'aws_kms',
    name: 'AWS KMS',
    standIn: kms,
    down: 'KMSInternalException',
    refused: 'AccessDeniedException',
  },
  { kind: 'transit', name: 'transit', standIn: transit, down: 'HTTP 503', refused: 'HTTP 403' },
] as const;

describe.each(services)('a key-encryption key in $name', ({ kind, name, standIn, down, refused }) => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let listed: string;
  let vault: TestVault;
  let twin: TestVault;
  const opened: TestVault[] = [];
  /** A replica that has just started with this in its settings. */
  const replica = async (keks = listed, attempts = 1) => {
    const started = await openVault(database.url, await openKeks(dataSource, settingsOf(keks), attempts));
    opened.push(started);
    return started;
  };
  const settingsOf = (keks: string) =>
    loadSettings({ GRANTKEEPER_KEKS: keks, GRANTKEEPER_TRANSIT_TOKEN: secrets.transit });
  const wrappedOf = async (tenantId: string) => {
    const [row] = await database.query<{ wrapped: string }>(
      'select wrapped from gk.tenant_keys where tenant_id = $1',
      [tenantId],
    );
    return row?.wrapped ?? '';
  };

  beforeAll(async () => {
    for (const level of ['info', 'warn', 'error'] as const) {
      jest
        .spyOn(log, level)
        .mockImplementation((...args: unknown[]) => void said.push(inspect(args, { depth: 9 })));
    }
    const origin = await standIn.start();
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: secrets.aws,
      AWS_ENDPOINT_URL_KMS: origin,
    });
    listed =
      kind === 'aws_kms'
        ? 'svc:aws-kms:arn:aws:kms:eu-west-1:111122223333:key/1234'
        : `svc:transit:${origin}/v1/transit/keys/grantkeeper`;
    database = await createTestDatabase();
    dataSource = await new DataSource(dataSourceOptions(database.url)).initialize();
    // Both make the secret of the HMACs.
    [vault, twin] = await Promise.all([replica(), replica()]);
  });
  beforeEach(() => {
    standIn.mood = 'up';
  });
  afterAll(async () => {
    for (const one of opened) await one.close();
    await dataSource.destroy();
    await database.drop();
    await standIn.close();
    jest.restoreAllMocks();
  });

  it('wraps the data keys of tenants, each bound to its tenant, and the secret of the HMACs', async () => {
    await populate(twin);
    const { tenantId, slug } = await populate(vault);
    expect(await wrappedOf(tenantId)).toMatch(
      kind === 'aws_kms' ? /^svc:[\w+/=]+$/ : /^svc:vault:v1:[\w+/=]+$/,
    );
    const contexts = standIn.calls.map((call) =>
      'associated' in call ? call.associated : call.EncryptionContext,
    );
    expect(contexts).toContainEqual(
      expect.objectContaining({ tenant: tenantId, deployment: expect.any(String) }),
    );
    expect(contexts).toContainEqual(
      expect.objectContaining({ tenant: 'platform', table: 'mac_keys', row: 'svc' }),
    );

    const callsBefore = standIn.calls.length;
    const other = await replica();
    expect((await other.tokens.read(tenantId, 'main'))?.token?.accessToken).toBe(`token of ${slug}`);
    await Promise.all([1, 2, 3].map(() => other.tokens.read(tenantId, 'main')));
    expect(standIn.calls.length - callsBefore).toBe(2);
    expect(await other.keys.uses()).toMatchObject([
      { id: 'svc', kind, state: 'newest', dataKeys: 2, callers: 4 },
    ]);
    expect((await withAuditChains(database.url, settingsOf(listed), (chains) => chains.verify([]))).ok).toBe(
      true,
    );
  });

  it('opens no data key of another tenant, and none that was changed', async () => {
    const [one, two] = [await populate(vault), await populate(vault)];
    const [ownWrapped, foreign] = [await wrappedOf(one.tenantId), await wrappedOf(two.tenantId)];
    const other = await replica();
    for (const wrapped of [foreign, `${ownWrapped.slice(0, -6)}AAAA==`, 'svc:x']) {
      await database.query('update gk.tenant_keys set wrapped = $1 where tenant_id = $2', [
        wrapped,
        one.tenantId,
      ]);
      await expect(other.tokens.read(one.tenantId, 'main')).rejects.toMatchObject({ code: 'cannot_open' });
    }
    expect(other.keys.unreachable()).toEqual([]);
    await database.query('update gk.tenant_keys set wrapped = $1 where tenant_id = $2', [
      ownWrapped,
      one.tenantId,
    ]);
    expect(await other.tokens.read(one.tenantId, 'main')).toBeDefined();
  });

  it.each(['broken', 'refusing'] as const)(
    'that is %s stops only what was not opened before',
    async (mood) => {
      const { tenantId, slug, claim, connectionId } = await populate(vault);
      const cold = await replica();
      standIn.mood = mood;
      expect((await vault.tokens.read(tenantId, 'main'))?.token?.accessToken).toBe(`token of ${slug}`);
      expect(await commitNow(vault, claim, 'renewed meanwhile')).toBe(true);
      const next = await claimNow(vault, { tenantId, connectionId, generation: 2 });
      expect(await commitNow(vault, next, 'and once more')).toBe(true);
      expect(vault.keys.unreachable()).toEqual([]);

      const reason = mood === 'broken' ? down : refused;
      await expect(cold.tokens.read(tenantId, 'main')).rejects.toMatchObject({
        code: 'kek_unavailable',
        message: expect.stringContaining(`${name} of svc: ${reason}.`),
      });
      expect(cold.keys.unreachable()).toEqual(['svc']);
      await expect(addCredential(cold)).rejects.toMatchObject({ code: 'kek_unavailable' });
      await expect(replica()).rejects.toMatchObject({ code: 'kek_unavailable' });

      standIn.mood = 'up';
      await eventually(() => expect(cold.keys.unreachable()).toEqual([]));
      expect((await cold.tokens.read(tenantId, 'main'))?.token?.accessToken).toBe('and once more');
      expect(said.join()).toMatch(/'key service is away'.*'key service is back'/s);
    },
  );

  it('that does not answer is given up within seconds, and then at once', async () => {
    const { tenantId } = await populate(vault);
    const cold = await replica();
    standIn.mood = 'silent';
    const beganAtMs = performance.now();
    await expect(cold.tokens.read(tenantId, 'main')).rejects.toMatchObject({ code: 'kek_unavailable' });
    const tookMs = performance.now() - beganAtMs;
    const callsBefore = standIn.requests;
    await expect(cold.tokens.read(tenantId, 'main')).rejects.toMatchObject({ code: 'kek_unavailable' });
    expect(standIn.requests).toBe(callsBefore);
    expect(tookMs).toBeLessThan(10_000);
  });

  it('takes over from a key of the settings, and gives back', async () => {
    const before = await replica(local);
    const { tenantId, slug } = await populate(before);
    const during = await replica(`${listed},${local}`);
    expect(await during.keys.rewrap(60_000)).toMatchObject({ left: 0 });
    expect(await wrappedOf(tenantId)).toMatch(/^svc:/);
    const after = await replica();
    expect((await after.tokens.read(tenantId, 'main'))?.token?.accessToken).toBe(`token of ${slug}`);

    const back = await replica(`${local},${listed}`);
    standIn.mood = 'broken';
    await expect(back.keys.rewrap(60_000)).rejects.toMatchObject({ code: 'kek_unavailable' });
    standIn.mood = 'up';
    await eventually(async () => expect(await back.keys.rewrap(60_000)).toMatchObject({ left: 0 }));
    expect(await wrappedOf(tenantId)).toMatch(/^eyJ/);
    expect(await back.keys.uses()).toMatchObject([
      { id: 'env', kind: 'local', state: 'newest' },
      { id: 'svc', kind, state: 'older', dataKeys: 0, callers: 0 },
    ]);
    expect((await (await replica(local)).tokens.read(tenantId, 'main'))?.token?.accessToken).toBe(
      `token of ${slug}`,
    );
  });

  it('cannot take the id of another key', async () => {
    await database.query("update gk.mac_keys set wrapped = 'svc:AAAA'");
    await expect(replica()).rejects.toMatchObject({
      code: 'cannot_open',
      message: expect.stringContaining('"svc"'),
    });
  });

  it('leaves its secrets out of logs and the database', async () => {
    const rows = await database.query<{ all: string }>(
      "select string_agg(t::text, '') as all from (select wrapped from gk.tenant_keys union all select wrapped from gk.mac_keys) t",
    );
    expect(said.length).toBeGreaterThan(0);
    for (const secret of Object.values(secrets))
      expect([...said, inspect(rows)].join()).not.toContain(secret);
  });
});
