import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '#testing';
import {
  idle,
  lease,
  openVault,
  type Populated,
  populate,
  storedSecrets,
  type TestVault,
  tokens,
} from './spec-support/vault.js';

const password = 'a-password-of-this-test-only';

/** `deployment` and `migrations` hold nobody's data. */
const listTables = `select relname as name from pg_class
  where relnamespace = 'gk'::regnamespace and relkind in ('r', 'p') and relname not in ('deployment', 'migrations', 'journals', 'holds')`;

/** Read by the application, and written by functions only. */
const appendOnly = ['audit_events', 'audit_chains'];

describe.each(['superuser', 'grantkeeper_app'])('tenant isolation, DATABASE_URL of %s', (login) => {
  let database: TestDatabase;
  let vault: TestVault;
  let url: string;
  let a: Populated;
  let b: Populated;
  let tables: { name: string; key: string }[];

  beforeAll(async () => {
    database = await createTestDatabase();
    url = database.url;
    if (login === 'grantkeeper_app') {
      await database.query(`alter role grantkeeper_app password '${password}'`);
      const least = new URL(url);
      least.username = login;
      least.password = password;
      url = least.href;
    }
    vault = await openVault(url);
    [a, b] = [await populate(vault), await populate(vault)];
    const names = await database.query<{ name: string }>(listTables);
    tables = names
      .filter(({ name }) => name !== 'connection_counts')
      .map(({ name }) => ({ name, key: name === 'tenants' ? 'id' : 'tenant_id' }));
  });
  afterAll(async () => {
    await vault.close();
    await database.drop();
  });

  /** Everything of B, as only the database's owner sees it. */
  async function everythingOfB() {
    const everything: Record<string, unknown> = {};
    for (const { name, key } of tables) {
      everything[name] = await database.query(
        `select to_jsonb(t)::text as row from gk.${name} t where ${key} = $1 order by 1`,
        [b.tenantId],
      );
    }
    return everything;
  }

  const asTenantA = (sql: string, parameters: unknown[] = []) =>
    vault.database.inTenant(a.tenantId, (manager) => manager.query<unknown[]>(sql, parameters));

  it('is tested with rows of both tenants in every table', async () => {
    expect(tables.length).toBeGreaterThanOrEqual(10);
    for (const { name, key } of tables) {
      const [count] = await database.query<{ a: number; b: number }>(
        `select count(*) filter (where ${key} = $1)::int as a, count(*) filter (where ${key} = $2)::int as b from gk.${name}`,
        [a.tenantId, b.tenantId],
      );
      expect({ name, populated: count && count.a > 0 && count.b > 0 }).toEqual({ name, populated: true });
    }
  });

  it('shows a tenant its own rows and no others', async () => {
    for (const { name, key } of tables) {
      const rows = await asTenantA(`select distinct ${key} as owner from gk.${name}`);
      expect({ name, rows }).toEqual({ name, rows: [{ owner: a.tenantId }] });
    }
  });

  it('lets a tenant change, move or remove nothing of another', async () => {
    const before = await everythingOfB();
    for (const { name, key } of tables) {
      if (appendOnly.includes(name)) {
        for (const sql of [`update gk.${name} set sequence = 1`, `delete from gk.${name}`]) {
          await expect(asTenantA(sql)).rejects.toThrow('permission denied');
        }
        continue;
      }
      const [, changed] = await asTenantA(`update gk.${name} set ${key} = ${key} where ${key} = $1`, [
        b.tenantId,
      ]);
      const [, removed] = await asTenantA(`delete from gk.${name} where ${key} = $1`, [b.tenantId]);
      expect({ name, changed, removed }).toEqual({ name, changed: 0, removed: 0 });
      await expect(asTenantA(`update gk.${name} set ${key} = $1`, [b.tenantId])).rejects.toThrow(
        'row-level security',
      );
    }
    expect(await everythingOfB()).toEqual(before);
  });

  it('lets a tenant write no row in the name of another', async () => {
    for (const { name, key } of tables) {
      const [row] = await database.query<{ row: string }>(
        `select (to_jsonb(t) || jsonb_build_object('${name === 'tenants' ? 'slug' : 'id'}', null))::text as row
         from gk.${name} t where ${key} = $1`,
        [b.tenantId],
      );
      await expect(
        asTenantA(
          `insert into gk.${name} overriding system value select * from jsonb_populate_record(null::gk.${name}, $1)`,
          [row?.row],
        ),
      ).rejects.toThrow(appendOnly.includes(name) ? 'permission denied' : 'row-level security');
    }
  });

  it('shows nothing where no tenant is set', async () => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      await client.query('set role grantkeeper_app');
      for (const unset of ['reset gk.tenant_id', "set gk.tenant_id = ''"]) {
        await client.query(unset);
        for (const { name } of tables) {
          const { rows } = await client.query(`select count(*)::int as n from gk.${name}`);
          expect({ name, rows }).toEqual({ name, rows: [{ n: 0 }] });
        }
      }
    } finally {
      await client.end();
    }
  });

  it('shows a tenant no row of the platform', async () => {
    await database.query(
      `insert into gk.api_keys select (jsonb_populate_record(k, jsonb_build_object('id', gen_random_uuid(),
         'tenant_id', null, 'role', 'platform_admin', 'connections', null, 'hash', '\\x' || repeat('0a', 32)))).*
       from gk.api_keys k where tenant_id = $1 limit 1`,
      [b.tenantId],
    );
    const seen = 'select id from gk.api_keys where tenant_id is null';
    expect(await asTenantA(seen)).toEqual([]);
    expect(await vault.database.inPlatform((manager) => manager.query(seen))).toHaveLength(1);
  });

  it('opens to the platform the list of tenants and its own rows, and no data of a tenant', async () => {
    for (const { name } of tables.filter((table) => table.name !== 'tenants')) {
      const [, removed] = appendOnly.includes(name)
        ? [[], 0]
        : await vault.database.inPlatform((manager) =>
            manager.query<[unknown[], number]>(`delete from gk.${name} where tenant_id is not null`),
          );
      const [count] = await vault.database.inPlatform((manager) =>
        manager.query<{ n: number }[]>(
          `select count(*)::int as n from gk.${name} where tenant_id is not null`,
        ),
      );
      expect({ name, removed, seen: count?.n }).toEqual({ name, removed: 0, seen: 0 });
    }
    expect(await vault.tenants.get(b.slug)).toMatchObject({ id: b.tenantId });
  });

  it('touches nothing through a function called with the connection of another tenant', async () => {
    const before = await everythingOfB();
    const { renewals } = vault;
    const foreign = { ...b.claim, tenantId: a.tenantId };
    const own = await renewals.load(a.claim);
    const target = { tenantId: a.tenantId, connectionId: b.connectionId, generation: 1 };

    expect(await renewals.claim(target, lease())).toMatchObject({ refusal: 'gone' });
    expect(await renewals.load(foreign)).toBeNull();
    if (!own) throw new Error('The own claim must load.');
    expect(await renewals.commit(foreign, own, tokens('stolen'))).toBe(false);
    expect(
      await renewals.fail(foreign, {
        status: 'reauthorization_required',
        error: { code: 'invalid_grant', at: '', attempts: 1, next_attempt_at: null, remedy: '' },
        nextRenewalAt: null,
        retryNotBefore: null,
        terminal: true,
        refused: false,
        spentHash: null,
      }),
    ).toBe(false);
    expect(await vault.tokens.read(a.tenantId, 'no-such-connection')).toBeUndefined();
    expect((await vault.tokens.read(a.tenantId, 'main'))?.connectionId).toBe(a.connectionId);
    expect(await everythingOfB()).toEqual(before);
  });

  it('does the same work for a tenant either way', async () => {
    expect((await vault.tokens.read(b.tenantId, 'main'))?.token?.accessToken).toBe(`token of ${b.slug}`);
    expect(await storedSecrets(vault, b.tenantId)).toEqual([
      { kind: 'client_secret', value: `secret of ${b.slug}` },
    ]);
    expect(await vault.renewals.claimDue(10, lease(), idle)).toEqual([]);
    expect(await vault.tenants.find(randomUUID())).toBeUndefined();
  });
});
