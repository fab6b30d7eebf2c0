import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#testing';
import {
  addConnection,
  addCredential,
  openVault,
  storedSecrets,
  type TestVault,
} from '../spec-support/vault.js';
import { type ConnectionFilter, idsOfPage } from './connection-filter.js';

describe('repositories', () => {
  let database: TestDatabase;
  let vault: TestVault;

  beforeAll(async () => {
    database = await createTestDatabase();
    vault = await openVault(database.url);
  });
  afterAll(async () => {
    await vault.close();
    await database.drop();
  });

  it('read tokens by a prepared statement, and without one where a pooler has lost it', async () => {
    const { tenantId } = await addConnection(vault, await addCredential(vault));
    const read = () => vault.tokens.read(tenantId, 'main');
    const prepared = () =>
      vault.database.call<{ name: string }>('select name from pg_prepared_statements', []);
    expect(await read()).toMatchObject({ generation: 0 });
    expect(await prepared()).toEqual([{ name: 'gk_read_tokens' }]);
    await vault.database.call('deallocate all', []);
    expect(await read()).toMatchObject({ generation: 0 });
    expect(await read()).toMatchObject({ generation: 0 });
    expect(await prepared()).toEqual([]);
  });

  it('refuse a name that is taken, in one tenant, and allow it in another', async () => {
    const [a, b] = [await addCredential(vault), await addCredential(vault)];
    const duplicate = { code: 'duplicate' };
    await expect(vault.tenants.create({ slug: a.slug, name: 'again' })).rejects.toMatchObject(duplicate);
    await addConnection(vault, a);
    await addConnection(vault, b);
    await expect(addConnection(vault, a)).rejects.toMatchObject(duplicate);
    const credential = {
      slug: 'main',
      provider: 'some-provider',
      clientId: 'client',
      secret: { kind: 'client_secret', value: 'secret' },
      settings: {},
    } as const;
    await expect(vault.credentials.create(a.tenantId, credential)).rejects.toMatchObject(duplicate);
  });

  it('find connections by all labels asked for, in their own tenant only', async () => {
    const [a, b] = [await addCredential(vault), await addCredential(vault)];
    const [one, other] = [await addConnection(vault, a), await addConnection(vault, b)];
    await vault.connections.setLabels(a.tenantId, one.id, { team: 'sales', tier: '1' });
    await vault.connections.setLabels(a.tenantId, other.id, { team: 'sales' });
    const found = async (tenantId: string, label: Readonly<Record<string, string>>) =>
      (await vault.connections.list(tenantId, { label }, { limit: 10 })).items.map(({ id }) => id);
    expect(await found(a.tenantId, { team: 'sales', tier: '1' })).toEqual([one.id]);
    expect(await found(a.tenantId, { team: 'sales', tier: '2' })).toEqual([]);
    expect(await found(b.tenantId, { team: 'sales' })).toEqual([]);
    await vault.connections.setLabels(a.tenantId, one.id, { team: 'support' });
    expect(await found(a.tenantId, { team: 'sales', tier: '1' })).toEqual([]);
    expect(await found(a.tenantId, { team: 'support' })).toEqual([one.id]);
  });

  it('connect with no credential of another tenant', async () => {
    const [a, b] = [await addCredential(vault), await addCredential(vault)];
    await expect(addConnection(vault, { ...a, credentialId: b.credentialId })).rejects.toMatchObject({
      code: 'tenant_gone',
    });
  });

  it('keep a credential while connections use it', async () => {
    const tenant = await addCredential(vault);
    const { id } = await addConnection(vault, tenant);
    await expect(vault.credentials.remove(tenant.tenantId, 'main')).rejects.toMatchObject({ code: 'in_use' });
    await vault.connections.remove(tenant.tenantId, id);
    expect(await vault.credentials.remove(tenant.tenantId, 'main')).toBe(true);
    expect(await vault.credentials.remove(tenant.tenantId, 'main')).toBe(false);
  });

  it('number secrets without gaps or doubles, added at once or not', async () => {
    const { tenantId, credentialId } = await addCredential(vault);
    const versions = await Promise.all(
      Array.from({ length: 5 }, (_, n) =>
        vault.credentials.addSecret(tenantId, credentialId, { kind: 'client_secret', value: `secret ${n}` }),
      ),
    );
    expect(versions.sort()).toEqual([2, 3, 4, 5, 6]);
    expect((await storedSecrets(vault, tenantId)).length).toBe(6);
  });

  it('page through a list without losing or repeating anything', async () => {
    const tenant = await addCredential(vault);
    for (let n = 0; n < 7; n += 1) await addConnection(vault, tenant, `c${n}`);
    const seen: string[] = [];
    let afterId: string | undefined;
    for (let page = 0; page < 4; page += 1) {
      const { items, nextAfterId } = await vault.connections.list(tenant.tenantId, {}, { limit: 3, afterId });
      seen.push(...items.map(({ slug }) => slug));
      if (nextAfterId === null) break;
      afterId = nextAfterId;
    }
    expect(seen).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6']);
    const filtered = (filter: object) => vault.connections.list(tenant.tenantId, filter, { limit: 50 });
    expect((await filtered({ status: 'active' })).items).toEqual([]);
    expect((await filtered({ provider: 'some-provider', status: 'pending' })).items.length).toBe(7);
    expect((await filtered({ provider: 'another' })).items).toEqual([]);
  });

  it('are paged along an index, whatever is asked for', async () => {
    const { tenantId, credentialId } = await addCredential(vault);
    const { id } = await addConnection(vault, { tenantId, credentialId });
    await database.query(
      `insert into gk.connections
         (id, tenant_id, slug, credential_id, upstream, provider, "grant", subject, account, labels, renewal, status, access_token_expires_at)
       select gen_random_uuid(), tenant_id, 'n' || n, credential_id, upstream, provider, "grant", 'user' || n,
         jsonb_build_object('id', n::text, 'email', 'User' || n || '@Example.com'), '{"team": "sales"}', renewal,
         'active', gk.now() + n * interval '1 minute'
       from gk.connections, generate_series(1, 4000) as n where id = $1`,
      [id],
    );
    await database.query('analyze gk.connections, gk.connection_labels');
    const filters: ConnectionFilter[] = [
      {},
      { status: 'active' },
      { status: 'degraded' },
      { subject: 'user7' },
      { account: 'user7@example.com' },
      { id_prefix: 'n39' },
      { expires_before: new Date(0) },
      { label: { team: 'sales' } },
      { label: { team: 'nobody', tier: '1' }, status: 'active' },
    ];
    const found = async (filter: ConnectionFilter) => {
      const { items } = await vault.connections.list(tenantId, filter, { limit: 50 });
      return items.map(({ slug }) => slug).sort();
    };
    expect(await found({ account: 'user7@example.com' })).toEqual(['n7']);
    expect(await found({ account: '7' })).toEqual(['n7']);
    expect(await found({ account: 'user7' })).toEqual([]);
    expect(await found({ id_prefix: 'n399' })).toEqual([
      'n399',
      ...Array.from({ length: 10 }, (_, n) => `n399${n}`),
    ]);
    expect(await found({ id_prefix: 'n399-' })).toEqual([]);
    for (const filter of filters) {
      for (const credentials of [undefined, [credentialId], [credentialId, tenantId]]) {
        const page = { limit: 50, afterId: id };
        const { statement, parameters } = idsOfPage(tenantId, filter, page, credentials);
        const plan = await database.query(`explain ${statement}`, [...parameters]);
        expect(JSON.stringify(plan)).toContain('Index');
        expect(JSON.stringify(plan)).not.toContain('Seq Scan');
      }
    }
  });

  it('note one rejection of a token in 30 seconds', async () => {
    const tenant = await addCredential(vault);
    const { id } = await addConnection(vault, tenant);
    const note = () => vault.connections.noteRejection(tenant.tenantId, id);
    const race = await Promise.all([note(), note(), note()]);
    expect(race.filter(Boolean).length).toBe(1);
    await database.setClockOffset(29);
    expect(await note()).toBe(false);
    await database.setClockOffset(31);
    expect(await note()).toBe(true);
    await database.setClockOffset(0);
  });

  it('find an API key by its hash, with its tenant, until it expires or its tenant is disabled', async () => {
    const { tenantId, slug } = await addCredential(vault);
    const hash = randomBytes(32);
    const key = { tenantId, name: 'k', role: 'token_reader', connections: ['main'], hash };
    await vault.apiKeys.create({ ...key, expiresAt: new Date(Date.now() + 60_000) });
    expect(await vault.apiKeys.findUsable(hash)).toMatchObject({
      tenantId,
      tenantSlug: slug,
      role: 'token_reader',
      connections: ['main'],
    });
    expect(await vault.apiKeys.findUsable(randomBytes(32))).toBeUndefined();
    await vault.tenants.update(slug, { disabled: true });
    expect(await vault.apiKeys.findUsable(hash)).toBeUndefined();
    await vault.tenants.update(slug, { disabled: false });
    await database.setClockOffset(61);
    expect(await vault.apiKeys.findUsable(hash)).toBeUndefined();
    await database.setClockOffset(0);
  });

  it('store a first key once, whichever replica comes first, and never on a database that had one', async () => {
    const empty = await createTestDatabase();
    const replicas = await Promise.all([openVault(empty.url), openVault(empty.url)]);
    const key = () => ({
      tenantId: null,
      name: 'bootstrap',
      role: 'platform_admin',
      connections: null,
      expiresAt: null,
      hash: randomBytes(32),
    });
    const stored = await Promise.all(replicas.map(({ apiKeys }) => apiKeys.createFirst(key())));
    expect(stored.sort()).toEqual([false, true]);
    expect((await replicas[0]?.apiKeys.list(null, { limit: 50 }))?.items.length).toBe(1);
    // As a restored backup or a hand in the database may leave it.
    await empty.query('delete from gk.api_keys');
    expect(await replicas[0]?.apiKeys.createFirst(key())).toBe(false);
    await Promise.all(replicas.map((replica) => replica.close()));
    await empty.drop();
  });

  it('keep the last key of the platform that can be used, whoever removes the others at the same time', async () => {
    const keys = await createTestDatabase();
    const { apiKeys, close } = await openVault(keys.url);
    const platform = { tenantId: null, name: 'x', role: 'platform_admin', connections: null };
    const make = (expiresAt: Date | null = null) =>
      apiKeys.create({ ...platform, expiresAt, hash: randomBytes(32) });
    const [one, two] = await Promise.all([make(), make(), make(new Date(Date.now() - 1_000))]);
    const ends = await Promise.allSettled([one, two].map(({ id }) => apiKeys.remove(null, id)));
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const [last] = await keys.query<{ id: string }>('select id from gk.api_keys where expires_at is null');
    const removal = apiKeys.remove(null, last?.id ?? '');
    await expect(removal).rejects.toMatchObject({ code: 'last_platform_key' });
    await make();
    expect(await apiKeys.remove(null, last?.id ?? '')).toBe(true);
    await close();
    await keys.drop();
  });

  describe('of idempotency keys', () => {
    const request = (overrides: object = {}) => ({
      tenantId: null,
      caller: 'caller',
      route: 'POST /v1/tenants',
      key: randomBytes(8).toString('hex'),
      requestHash: Buffer.alloc(32, 1),
      ...overrides,
    });

    it('let one of many go first, and replay its answer to the same request only', async () => {
      const wanted = request();
      const race = await Promise.all(Array.from({ length: 5 }, () => vault.idempotency.begin(wanted)));
      expect(race.map(({ kind }) => kind).sort()).toEqual([
        'conflict',
        'conflict',
        'conflict',
        'conflict',
        'first',
      ]);
      const first = race.find(({ kind }) => kind === 'first');
      if (first?.kind !== 'first') throw new Error('One must be first.');
      await vault.idempotency.finish(null, first.id, 201, { id: 'made' });
      expect(await vault.idempotency.begin(wanted)).toEqual({
        kind: 'replay',
        status: 201,
        body: { id: 'made' },
      });
      expect(await vault.idempotency.begin({ ...wanted, requestHash: Buffer.alloc(32, 2) })).toEqual({
        kind: 'conflict',
      });
      expect((await vault.idempotency.begin({ ...wanted, caller: 'somebody else' })).kind).toBe('first');
    });

    it('are free again after a failure, 5 minutes after being abandoned, and 24 hours after an answer', async () => {
      const failedOnce = request();
      const first = await vault.idempotency.begin(failedOnce);
      if (first.kind === 'first') await vault.idempotency.release(null, first.id);
      expect((await vault.idempotency.begin(failedOnce)).kind).toBe('first');
      await database.setClockOffset(301);
      const again = await vault.idempotency.begin(failedOnce);
      if (again.kind !== 'first') throw new Error('An abandoned key is free after five minutes.');
      await vault.idempotency.finish(null, again.id, 204, undefined);
      await database.setClockOffset(86_000);
      expect((await vault.idempotency.begin(failedOnce)).kind).toBe('replay');
      await database.setClockOffset(301 + 86_401);
      expect((await vault.idempotency.begin(failedOnce)).kind).toBe('first');
      await database.setClockOffset(0);
    });
  });
});
