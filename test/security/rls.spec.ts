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
} from '../../libs/vault/spec-support/vault.js';
import { allowedMs, scaled } from '../support/scale.js';

const password = 'a-password-of-this-test-only';

/** `deployment`, `mac_keys` and `migrations` hold nobody's data. */
const listTables = `select relname as name from pg_class
  where relnamespace = 'gk'::regnamespace and relkind in ('r', 'p') and relname not in ('deployment', 'mac_keys', 'migrations', 'journals', 'holds')`;

/** Read by the application, and written by functions only. */
const appendOnly = ['audit_events', 'audit_chains'];

/** Transactions of several tenants, so many at once, on the ten connections of one pool. */
const transactions = scaled(300, 10_000);
const atOnce = 40;

describe('row-level security in the catalogue', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('is forced on every table that could hold somebody’s data', async () => {
    const open = await database.query(`
      select relname from pg_class where relnamespace = 'gk'::regnamespace and relkind in ('r', 'p')
        and not (relrowsecurity and relforcerowsecurity) order by 1`);
    expect(open).toEqual(['deployment', 'mac_keys', 'migrations'].map((relname) => ({ relname })));
  });

  it('confines the application role to its tenant in every table that names one', async () => {
    const unconfined = await database.query(`
      select c.relname from pg_class c join pg_attribute t on t.attrelid = c.oid and t.attname = 'tenant_id'
      where c.relnamespace = 'gk'::regnamespace and c.relkind in ('r', 'p') and not exists (
        select from pg_policies p where p.schemaname = 'gk' and p.tablename = c.relname and p.cmd = 'ALL'
          and p.permissive = 'PERMISSIVE' and p.roles = '{grantkeeper_app}' and p.qual like '%tenant_id = ( SELECT gk.tenant_id()%')`);
    expect(unconfined).toEqual([]);
    // One more policy for the same role would be one more way in.
    const more = await database.query(`
      select tablename from pg_policies where schemaname = 'gk' and roles && '{grantkeeper_app,public}'
      group by tablename having count(*) > 1`);
    expect(more).toEqual([]);
  });

  it('is helped by the tenant in every foreign key between tenants’ rows', async () => {
    const loose = await database.query(`
      select conrelid::regclass, conname from pg_constraint k
      where contype = 'f' and connamespace = 'gk'::regnamespace and confrelid <> 'gk.tenants'::regclass
        and not exists (select from pg_attribute where attrelid = conrelid and attname = 'tenant_id' and attnum = any (conkey))`);
    expect(loose).toEqual([]);
  });

  it('leaves nothing, and not the schema, to the role that api and worker log in as', async () => {
    const owned = await database.query(`
      select classid::regclass::text as kind, objid from pg_shdepend
      where deptype = 'o' and refobjid = 'grantkeeper_app'::regrole
        and dbid = (select oid from pg_database where datname = current_database())`);
    expect(owned).toEqual([]);
  });
});

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

  it('shows a tenant its own rows and no others, and changes no others, with every WHERE left out', async () => {
    for (const { name, key } of tables) {
      const rows = (await asTenantA(`select * from gk.${name}`)) as Record<string, unknown>[];
      const owners = [...new Set(rows.map((row) => row[key]))];
      expect({ name, owners }).toEqual({ name, owners: [a.tenantId] });
      if (appendOnly.includes(name)) continue;
      const [, changed] = await asTenantA(`update gk.${name} set ${key} = ${key}`);
      expect({ name, changed }).toEqual({ name, changed: rows.length });
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
      const columns = await database.writtenColumns(name);
      const [row] = await database.query<{ row: string }>(
        `select (to_jsonb(t) || jsonb_build_object('${name === 'tenants' ? 'slug' : 'id'}', null))::text as row
         from gk.${name} t where ${key} = $1`,
        [b.tenantId],
      );
      await expect(
        asTenantA(
          `insert into gk.${name} (${columns}) overriding system value
           select ${columns} from jsonb_populate_record(null::gk.${name}, $1)`,
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

  it(
    'keeps transactions apart that share the connections of one pool',
    async () => {
      const everyRow = tables
        .map(({ name, key }) => `select '${name}' as name, ${key}::text as owner from gk.${name}`)
        .join(' union all ');
      const tenants = [a, b, await populate(vault), await populate(vault)].map(({ tenantId }) => tenantId);
      const rows = new Map<string, number>();
      const sessions = new Set<number>();
      let [next, leaks] = [0, 0];
      const countForeign = (found: readonly { readonly owner: string }[], own: string) => {
        leaks += found.filter(({ owner }) => owner !== own).length;
        rows.set(own, found.length);
      };
      const ownRows = async (number: number, tenantId: string) => {
        const unfinished = new Error('rolled back');
        await vault.database
          .inTenant(tenantId, async (manager) => {
            countForeign(await manager.query(everyRow), tenantId);
            const [session] = await manager.query<{ pid: number; tenant: string }[]>(
              'select pg_backend_pid() as pid, gk.tenant_id() as tenant',
            );
            if (session?.tenant !== tenantId) leaks += 1;
            sessions.add(session?.pid ?? 0);
            if (number % 3 === 0) throw unfinished;
          })
          .catch((error: unknown) => {
            if (error !== unfinished) throw error;
          });
      };
      /** A session that is between two transactions has neither a tenant nor the role. */
      const leftBehind = async () => {
        const [left] = await vault.database.call<{
          tenant: string | null;
          role: string;
          platform: string | null;
        }>(
          `select nullif(current_setting('gk.tenant_id', true), '') as tenant, current_setting('role') as role,
           nullif(current_setting('gk.platform', true), '') as platform`,
          [],
        );
        if (left?.tenant !== null || left.platform !== null || left.role !== 'none') leaks += 1;
      };
      const work = async () => {
        while (next < transactions) {
          const number = next++;
          await ownRows(number, tenants[(number * 7 + (number >> 3)) % tenants.length] ?? '');
          if (number % 5 === 0) await leftBehind();
        }
      };
      await Promise.all(Array.from({ length: atOnce }, work));
      process.stdout.write(
        `${transactions} transactions of ${tenants.length} tenants on ${sessions.size} connections: ${leaks} leaks\n`,
      );
      expect(leaks).toBe(0);
      expect(sessions.size).toBeLessThanOrEqual(10);
      expect([...rows.values()].every((count) => count >= tables.length)).toBe(true);
      expect(rows.size).toBe(tenants.length);
    },
    allowedMs(30, 240),
  );
});
