import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '#testing';
import { checkSchema } from './check-schema.js';
import { dataSourceOptions } from './data-source-options.js';
import { everySealedColumn } from './encryption/sealed-columns.js';
import { migrate, schemaVersion } from './migrate.js';
import { readFixture } from './spec-support/upgrade/fixture.js';
import { addConnection, addCredential, openVault, populate } from './spec-support/vault.js';

/** The rights of one role, as the catalogue has them, for whoever adds a table or function later. */
describe('the schema', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = await new DataSource(dataSourceOptions(database.url, 1)).initialize();
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it('has no sealed column that data keys are replaced without', async () => {
    const known = everySealedColumn.map(({ table, column }) => `${table}.${column}`).sort();
    const looksSealed = Object.entries(readFixture()).flatMap(([table, rows]) =>
      Object.entries(Object.assign({}, ...rows) as object)
        .filter(([, value]) => JSON.stringify(value)?.includes('eyJ'))
        .map(([column]) => `${table}.${column}`),
    );
    expect(looksSealed.filter((name) => !name.endsWith('_keys.wrapped')).sort()).toEqual(known);
    const columns = await database.query<{ name: string }>(`
      select c.relname || '.' || a.attname as name from pg_attribute a join pg_class c on c.oid = a.attrelid
      where c.relnamespace = 'gk'::regnamespace and c.relkind in ('r', 'p') and not a.attisdropped
        and a.attname ~ 'seal(ed)?$' and a.atttypid <> 'bigint'::regtype order by 1`);
    expect(columns.map(({ name }) => name)).toEqual(known);
    const held = await database.query<{ name: string }>(`
      select conrelid::regclass::text as name from pg_constraint
      where contype = 'f' and confrelid = 'gk.tenant_keys'::regclass order by 1`);
    expect(held.map(({ name }) => name)).toEqual(everySealedColumn.map(({ table }) => `gk.${table}`).sort());
    // The functions that write tokens name the data key themselves.
    const noted = await database.query<{ name: string }>(`
      select tgrelid::regclass::text as name from pg_trigger where tgname = 'take_data_key' order by 1`);
    expect([...noted.map(({ name }) => name), 'gk.token_sets'].sort()).toEqual(held.map(({ name }) => name));
  });

  it('fixes the search path of every function that runs as its owner, and lets only the application call it', async () => {
    const functions = await database.query<{ name: string }>(`
      select proname as name, (select setting from unnest(proconfig) setting where setting like 'search_path=%') as path, proowner::regrole::text as owner,
        has_function_privilege('public', oid, 'execute') as public,
        has_function_privilege('grantkeeper_app', oid, 'execute') as app
      from pg_proc where pronamespace = 'gk'::regnamespace and prosecdef order by 1`);
    expect(functions.map(({ name }) => name)).toContain('claim_due');
    for (const definer of functions) {
      expect(definer).toEqual({
        name: definer.name,
        path: 'search_path=gk, pg_temp',
        owner: expect.stringMatching(/^grantkeeper_(clerk|scheduler|doorkeeper)$/),
        public: false,
        // These are called by other functions and by triggers only.
        app: ![
          'add_up_counts',
          'announce_event',
          'announce_removal',
          'count_connections',
          'due_partitions',
        ].includes(definer.name),
      });
    }
  });

  it('runs as roles that own no table, bypass nothing, and are not members of each other', async () => {
    expect(
      await database.query(`
        select rolname, rolcanlogin from pg_roles where rolname like 'grantkeeper%'
          and not (rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolreplication) order by 1`),
    ).toEqual([
      { rolname: 'grantkeeper_app', rolcanlogin: true },
      { rolname: 'grantkeeper_clerk', rolcanlogin: false },
      { rolname: 'grantkeeper_doorkeeper', rolcanlogin: false },
      { rolname: 'grantkeeper_scheduler', rolcanlogin: false },
    ]);
    expect(
      await database.query(`
        select relname from pg_class where relnamespace = 'gk'::regnamespace and relowner::regrole::text like 'grantkeeper%'`),
    ).toEqual([]);
    expect(
      await database.query(`select 1 from pg_auth_members where member::regrole::text like 'grantkeeper%'`),
    ).toEqual([]);
    expect(
      await database.query(`
        select rolname from pg_roles where rolname like 'grantkeeper%' and has_schema_privilege(rolname, 'gk', 'create')`),
    ).toEqual([]);
  });

  it('lets nobody but the functions see or end a hold, or touch the list of journals', async () => {
    for (const table of ['holds', 'journals']) {
      for (const statement of [`select * from gk.${table}`, `delete from gk.${table}`]) {
        await expect(database.query(`set role grantkeeper_app; ${statement}`)).rejects.toThrow(
          'permission denied',
        );
        await database.query('reset role');
      }
    }
  });

  it('lets the scheduler and the doorkeeper read no sealed value', async () => {
    const readable = await database.query(`
      select rolname, table_name, column_name from pg_roles, information_schema.columns
      where table_schema = 'gk' and rolname in ('grantkeeper_scheduler', 'grantkeeper_doorkeeper')
        and column_name in ('sealed', 'wrapped', 'body')
        and has_column_privilege(rolname, 'gk.' || table_name, column_name, 'select')`);
    expect(readable).toEqual([]);
    const vault = await openVault(database.url);
    await populate(vault);
    await vault.close();
    for (const role of ['grantkeeper_scheduler', 'grantkeeper_doorkeeper']) {
      for (const table of [
        'token_sets',
        'tenant_keys',
        'credential_secrets',
        'credentials',
        'connection_events',
      ]) {
        await expect(
          dataSource.transaction(async (manager) => {
            await manager.query(`set local role ${role}`);
            await manager.query(`select * from gk.${table}`);
          }),
        ).rejects.toThrow('permission denied');
      }
    }
  });

  it('shows the clerk the rows of the tenants of a batch, else of the tenant of the transaction, else none', async () => {
    const vault = await openVault(database.url);
    const tenants: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const credential = await addCredential(vault);
      await addConnection(vault, credential, 'main');
      tenants.push(credential.tenantId);
    }
    await vault.close();
    const [first = '', second = '', third = ''] = tenants.sort();
    const seen = (tenantId: string, batch: string) =>
      dataSource.transaction(async (manager) => {
        await manager.query(
          `select set_config('gk.tenant_id', $1, true), set_config('gk.tenant_ids', $2, true)`,
          [tenantId, batch],
        );
        await manager.query('set local role grantkeeper_clerk');
        const rows: { id: string }[] = await manager.query(
          'select distinct tenant_id as id from gk.connections order by 1',
        );
        return rows.map(({ id }) => id);
      });
    expect(await seen('', '')).toEqual([]);
    expect(await seen(first, '')).toEqual([first]);
    expect(await seen('', `{${first},${third}}`)).toEqual([first, third]);
    expect(await seen(second, `{${first},${third}}`)).toEqual([first, third]);
  });

  it('forgets the tenants of a batch when it has ended', async () => {
    const batches = [
      `select * from gk.load_claims(array[gen_random_uuid()], array[gen_random_uuid()])`,
      `select * from gk.commit_renewals('[{"at": 0, "tenant_id": "01a22723-5089-75ee-823e-ba87ac90eb09"}]', null)`,
    ];
    for (const batch of batches) {
      await dataSource.transaction(async (manager) => {
        await manager.query(batch);
        expect(await manager.query(`select current_setting('gk.tenant_ids') as left`)).toEqual([
          { left: '' },
        ]);
      });
    }
  });

  it('is complete: migrating again does nothing', async () => {
    expect(await migrate({ url: database.url })).toBe(0);
  });

  it('is accepted as it is and one version newer, and no other', async () => {
    await expect(checkSchema(dataSource)).resolves.toBeUndefined();
    const insert = `insert into gk.migrations ("timestamp", name) values (1, 'FromTheFuture')`;
    await database.query(insert);
    await expect(checkSchema(dataSource)).resolves.toBeUndefined();
    await database.query(insert);
    await expect(checkSchema(dataSource)).rejects.toMatchObject({ code: 'schema_mismatch' });
    await database.query(`delete from gk.migrations where "timestamp" = 1`);
    await database.query('create table kept as select * from gk.migrations');
    await database.query('delete from gk.migrations where id = (select max(id) from gk.migrations)');
    await expect(checkSchema(dataSource)).rejects.toMatchObject({
      code: 'schema_mismatch',
      message: expect.stringContaining(`Found ${schemaVersion - 1}, wanted ${schemaVersion}`),
    });
    await database.query('truncate gk.migrations');
    await database.query('insert into gk.migrations overriding system value select * from kept');
  });

  it('is refused where row-level security would not hold', async () => {
    await database.query('alter table gk.token_sets no force row level security');
    await expect(checkSchema(dataSource)).rejects.toMatchObject({ code: 'unsafe_role' });
    await database.query('alter table gk.token_sets force row level security');
    await expect(checkSchema(dataSource)).resolves.toBeUndefined();
  });

  it('is refused on a database without it', async () => {
    const empty = new URL(database.url);
    empty.pathname = '/postgres';
    const other = await new DataSource(dataSourceOptions(empty.href, 1)).initialize();
    await expect(checkSchema(other)).rejects.toMatchObject({ code: 'schema_mismatch' });
    await other.destroy();
  });
});
