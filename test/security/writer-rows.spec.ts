import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#testing';
import { kek } from '../../libs/vault/spec-support/kek.js';
import {
  claimNow,
  commitNow,
  openVault,
  type Populated,
  populate,
  storedSecrets,
  type TestVault,
} from '../../libs/vault/spec-support/vault.js';

/** Attempts of somebody who may write rows, a restored backup included, but holds no key. */
describe('rows put in another place by SQL', () => {
  let database: TestDatabase;
  let vault: TestVault;
  let a: Populated;
  let b: Populated;

  beforeAll(async () => {
    database = await createTestDatabase();
    vault = await openVault(database.url);
  });
  beforeEach(async () => {
    [a, b] = [await populate(vault), await populate(vault)];
  });
  afterAll(async () => {
    await vault.close();
    await database.drop();
  });

  const refused = { code: 'cannot_open' };
  const sealedTokens = async (connectionId: string) => {
    const [row] = await database.query<{ sealed: string }>(
      'select sealed from gk.token_sets where connection_id = $1',
      [connectionId],
    );
    return row?.sealed;
  };
  const putTokens = (connectionId: string, sealed: string | undefined) =>
    database.query('update gk.token_sets set sealed = $2 where connection_id = $1', [connectionId, sealed]);

  it('an older generation does not open, neither for a reader nor for a renewal', async () => {
    const old = await sealedTokens(a.connectionId);
    expect(await commitNow(vault, a.claim, 'second')).toBe(true);
    expect((await vault.tokens.read(a.tenantId, 'main'))?.token?.accessToken).toBe('second');

    await putTokens(a.connectionId, old);
    await expect(vault.tokens.read(a.tenantId, 'main')).rejects.toMatchObject(refused);
    const claim = await claimNow(vault, { ...a, generation: 2 });
    await expect(vault.renewals.load(claim)).rejects.toMatchObject(refused);

    // Nor when the row says that it is that generation: the connection says otherwise.
    await database.query('update gk.token_sets set generation = 1 where connection_id = $1', [
      a.connectionId,
    ]);
    await expect(vault.tokens.read(a.tenantId, 'main')).rejects.toMatchObject(refused);
  });

  it('tokens of another connection of the same tenant do not open', async () => {
    const second = await vault.connections.create(a.tenantId, {
      slug: 'second',
      credentialId: a.credentialId,
      grant: 'client_credentials',
      subject: null,
      requestedScope: null,
      renewal: 'auto',
      takeOverSeconds: null,
    });
    const target = { tenantId: a.tenantId, connectionId: second.id, generation: 0 };
    await commitNow(vault, await claimNow(vault, target), 'of the second');
    await putTokens(a.connectionId, await sealedTokens(second.id));
    await expect(vault.tokens.read(a.tenantId, 'main')).rejects.toMatchObject(refused);
    expect((await vault.tokens.read(a.tenantId, 'second'))?.token?.accessToken).toBe('of the second');
  });

  it('tokens of another tenant do not open, not even with that tenant’s data key beside them', async () => {
    await putTokens(a.connectionId, await sealedTokens(b.connectionId));
    await expect(vault.tokens.read(a.tenantId, 'main')).rejects.toMatchObject(refused);

    await database.query(
      `update gk.tenant_keys k set wrapped = o.wrapped from gk.tenant_keys o where k.tenant_id = $1 and o.tenant_id = $2`,
      [a.tenantId, b.tenantId],
    );
    const elsewhere = await openVault(database.url);
    await expect(elsewhere.tokens.read(a.tenantId, 'main')).rejects.toMatchObject(refused);
    await elsewhere.close();
  });

  it('a token set does not pass for a client secret, nor one version of a secret for another', async () => {
    await vault.credentials.addSecret(a.tenantId, a.credentialId, { kind: 'client_secret', value: 'new' });
    const open = () => storedSecrets(vault, a.tenantId);
    expect((await open()).map(({ value }) => value)).toEqual(['new', `secret of ${a.slug}`]);

    const put = (sealed: string) =>
      database.query(
        'update gk.credential_secrets set sealed = $2 where credential_id = $1 and version = 2',
        [a.credentialId, sealed],
      );
    await put((await sealedTokens(a.connectionId)) ?? '');
    await expect(open()).rejects.toMatchObject(refused);
    await database.query(
      `update gk.credential_secrets s set sealed = o.sealed from gk.credential_secrets o
       where s.credential_id = $1 and o.credential_id = $1 and s.version = 2 and o.version = 1`,
      [a.credentialId],
    );
    await expect(open()).rejects.toMatchObject(refused);
  });

  it('client credentials whose provider, client id or settings were changed give no secret to anybody', async () => {
    await vault.credentials.update(a.tenantId, await stored(a), {
      clientId: 'client',
      settings: { token_endpoint: 'https://right.example/token', z: { b: 1, a: [{ d: null, c: 'é' }] } },
      upstream: 'right.example',
    });
    const { claim } = a;
    expect(await vault.renewals.load(claim)).toMatchObject({ clientId: 'client' });
    expect(await storedSecrets(vault, a.tenantId)).toHaveLength(1);

    const changes = [
      `settings = jsonb_set(settings, '{token_endpoint}', '"https://wrong.example/token"')`,
      `settings = settings || '{"jwks_uri": "https://wrong.example"}'`,
      `settings = settings - 'token_endpoint'`,
      `settings = jsonb_set(settings, '{z,a,0,c}', '"e"')`,
      `client_id = 'another'`,
      `provider = 'another'`,
      `seal = (select seal from gk.credentials where tenant_id = '${b.tenantId}')`,
    ];
    const [row] = await database.query<Record<'provider' | 'client_id' | 'settings' | 'seal', unknown>>(
      'select provider, client_id, settings, seal from gk.credentials where id = $1',
      [a.credentialId],
    );
    for (const change of changes) {
      await database.query(`update gk.credentials set ${change} where id = $1`, [a.credentialId]);
      await expect(vault.renewals.load(claim)).rejects.toMatchObject(refused);
      await expect(storedSecrets(vault, a.tenantId)).rejects.toMatchObject(refused);
      await database.query(
        'update gk.credentials set provider = $2, client_id = $3, settings = $4, seal = $5 where id = $1',
        [a.credentialId, row?.provider, row?.client_id, JSON.stringify(row?.settings), row?.seal],
      );
    }
    expect(await vault.renewals.load(claim)).toMatchObject({ clientId: 'client' });
  });

  it('a connection given to other client credentials sends them neither its tokens nor what is pending', async () => {
    const others = await vault.credentials.create(a.tenantId, {
      slug: 'others',
      provider: 'some-provider',
      clientId: 'other client',
      secret: { kind: 'none', value: '' },
      settings: { token_endpoint: 'https://wrong.example/token' },
    });
    const give = (credentialId: string) =>
      database.query('update gk.connections set credential_id = $2 where id = $1', [
        a.connectionId,
        credentialId,
      ]);
    const { claim } = a;
    await give(others.id);
    await expect(vault.renewals.load(claim)).rejects.toMatchObject(refused);
    await give(a.credentialId);
    expect(await vault.renewals.load(claim)).toMatchObject({ clientId: 'client' });

    await vault.pendingGrants.put(a.tenantId, a.connectionId, {
      contents: { grant: { type: 'refresh_token', refreshToken: 'imported' } },
      intervalSeconds: null,
      expiresInSeconds: null,
      dueInSeconds: null,
    });
    await database.query('delete from gk.token_sets where connection_id = $1', [a.connectionId]);
    expect((await vault.renewals.load(claim))?.pending?.grant).toMatchObject({ refreshToken: 'imported' });
    await give(others.id);
    await expect(vault.renewals.load(claim)).rejects.toMatchObject(refused);
  });

  it('nothing opens in another deployment or without the key-encryption key', async () => {
    const [right, wrong] = [kek('right'), kek('wrong')];
    const here = await openVault(database.url, { deploymentId: 'here', keys: [right] });
    const tenant = await populate(here);
    await here.close();
    const attempts = [
      { keys: { deploymentId: 'here', keys: [wrong, right] }, outcome: 'opens' },
      { keys: { deploymentId: 'there', keys: [right] }, outcome: 'cannot_open' },
      { keys: { deploymentId: 'here', keys: [wrong] }, outcome: 'unknown_key' },
      { keys: { deploymentId: 'here', keys: [{ ...wrong, id: 'right' }] }, outcome: 'cannot_open' },
    ];
    for (const { keys, outcome } of attempts) {
      const replica = await openVault(database.url, keys);
      const read = await replica.tokens.read(tenant.tenantId, 'main').then(
        () => 'opens',
        (error: { code: string }) => error.code,
      );
      await replica.close();
      expect({ outcome: read }).toEqual({ outcome });
    }
  });

  it('nothing of a removed tenant is left, and what was copied before does not open', async () => {
    const claim = a.claim;
    const loaded = await vault.renewals.load(claim);
    const sealed = (await sealedTokens(a.connectionId)) ?? '';
    expect(await vault.tenantRemovals.remove(a.slug, 60_000)).toEqual({ id: a.tenantId, isDone: true });

    const tables = await database.query<{ name: string; key: string }>(`
      select c.relname as name, a.attname as key from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relnamespace = 'gk'::regnamespace and c.relkind in ('r', 'p')
        and (a.attname = 'tenant_id' or (c.relname = 'tenants' and a.attname = 'id'))`);
    expect(tables.length).toBeGreaterThanOrEqual(10);
    // The record of what was done to the tenant outlives it.
    for (const { name, key } of tables.filter((table) => !table.name.startsWith('audit_'))) {
      const left = await database.query(`select 1 from gk.${name} where ${key} = $1`, [a.tenantId]);
      expect({ name, left }).toEqual({ name, left: [] });
    }
    expect(await vault.tokens.read(a.tenantId, 'main')).toBeUndefined();
    expect(await vault.renewals.load(claim)).toBeNull();
    if (!loaded) throw new Error('It must load before.');
    expect(await vault.renewals.commit(claim, loaded, { ...tokensOf(loaded) })).toBe(false);
    // The deleted rows held the only copy of the data key: without it, nothing to try.
    await expect(
      vault.sealer.open(sealed, [], {
        tenantId: a.tenantId,
        table: 'token_sets',
        column: 'sealed',
        rowId: a.connectionId,
        generation: 1,
      }),
    ).rejects.toMatchObject(refused);
    // The neighbour has lost nothing.
    expect((await vault.tokens.read(b.tenantId, 'main'))?.token?.accessToken).toBe(`token of ${b.slug}`);
  });

  async function stored({ tenantId }: Populated) {
    const credential = await vault.credentials.find(tenantId, 'main');
    if (!credential) throw new Error('It was stored just now.');
    return credential;
  }

  function tokensOf(loaded: { token: unknown }) {
    return {
      contents: loaded.token as { accessToken: string; tokenType: string; scope: null; refreshToken: null },
      issuedAt: new Date(),
      expiresAt: new Date(),
      refreshTokenExpiresAt: null,
      nextRenewalAt: null,
      renewAheadAt: null,
      grantEndsAt: null,
      rotating: false,
      singleUse: false,
      announce: false,
    };
  }

  describe('open nothing to a caller', () => {
    const hash = randomBytes(32);
    const find = () => vault.apiKeys.findUsable(hash);
    beforeEach(async () => {
      await database.query('delete from gk.api_keys where hash = $1', [hash]);
      const expiresAt = new Date(Date.now() + 60_000);
      const key = { name: 'k', role: 'token_reader', connections: ['main'], expiresAt, hash };
      await vault.apiKeys.create({ ...key, tenantId: a.tenantId });
      expect(await find()).toMatchObject({ role: 'token_reader' });
    });

    it.each([
      "role = 'tenant_admin'",
      "role = 'platform_admin', tenant_id = null",
      'tenant_id = $2',
      'connections = null',
      "connections = '{main,other}'",
      'expires_at = null',
      "expires_at = expires_at + interval '1 hour'",
      'id = gen_random_uuid()',
      "mac = ''",
      "mac_kid = 'another'",
      "mac = (select k.mac from gk.api_keys k where k.tenant_id = $2), mac_kid = 'k1'",
    ])('where a key is given %s', async (change) => {
      await database.query(`update gk.api_keys set ${change} where hash = $1 and $2::uuid is not null`, [
        hash,
        b.tenantId,
      ]);
      expect(await find()).toBeUndefined();
    });

    it('where another key takes the place of its own', async () => {
      const other = randomBytes(32);
      await database.query('update gk.api_keys set hash = $2 where hash = $1', [hash, other]);
      expect(await vault.apiKeys.findUsable(other)).toBeUndefined();
    });

    it.each([
      "role = 'tenant_admin'",
      "tenant_id = $2::uuid, slug = 'moved'",
      "match = '{}'",
      `match = '{"sub": {"glob": "*"}}'`,
      "audience = 'elsewhere'",
      "connections = '{main}'",
      "issuer = 'https://other.example'",
    ])('where a workload identity is given %s', async (change) => {
      const bound = async () =>
        [
          ...(await vault.workloadIdentities.findUsable(a.slug, 'https://ci.example')),
          ...(await vault.workloadIdentities.findUsable(a.slug, 'https://other.example')),
          ...(await vault.workloadIdentities.findUsable(b.slug, 'https://ci.example')),
        ].filter(({ tenantId }) => tenantId === a.tenantId || change.startsWith('tenant_id'));
      const before = (await bound()).length;
      await database.query(
        `update gk.workload_identities set ${change} where tenant_id = $1 and $2::text is not null`,
        [a.tenantId, b.tenantId],
      );
      expect((await bound()).length).toBe(before - 1);
    });

    it('and go on to where the key-encryption key they name is configured, and no longer', async () => {
      const [first, second] = [kek('first'), kek('second')];
      const under = async (...keys: ReturnType<typeof kek>[]) => {
        const replica = await openVault(database.url, { deploymentId: 'deployment-1', keys });
        const key = { tenantId: null, name: 'k', role: 'platform_admin', connections: null, expiresAt: null };
        return { ...replica, make: (of: Buffer) => replica.apiKeys.create({ ...key, hash: of }) };
      };
      const replicas = await Promise.all([under(first), under(second, first), under(second)]);
      const [before, during, after] = replicas;
      const [old, young] = [randomBytes(32), randomBytes(32)];
      await before.make(old);
      await during.make(young);
      const opens = (of: Buffer) =>
        Promise.all(replicas.map(async ({ apiKeys }) => (await apiKeys.findUsable(of)) !== undefined));
      expect(await opens(old)).toEqual([true, true, false]);
      expect(await opens(young)).toEqual([false, true, true]);
      const elsewhere = await openVault(database.url, { deploymentId: 'another', keys: [first] });
      expect(await elsewhere.apiKeys.findUsable(old)).toBeUndefined();
      await Promise.all([...replicas, elsewhere].map(({ close }) => close()));
      expect(after).toBeDefined();
    });
  });
});
