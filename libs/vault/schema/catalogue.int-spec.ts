import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#testing';
import { migrate } from '../migrate.js';
import { functionFiles } from './function-files.js';

interface CatalogueRow {
  readonly name: string;
  readonly comment: string | null;
  readonly body: string;
  readonly definer: boolean;
  readonly path: string | null;
  readonly without_scans: boolean;
  readonly owner: string;
  readonly login: boolean;
  /** Who may execute it besides its owner. */
  readonly executors: readonly string[];
}

const vault = fileURLToPath(new URL('../', import.meta.url));
const read = (wanted: RegExp) =>
  readdirSync(vault, { recursive: true, encoding: 'utf8' })
    .filter((path) => wanted.test(path))
    .map((path) => readFileSync(`${vault}${path}`, 'utf8'))
    .join('\n');
const code = read(/^(?!.*(?:spec|spec-support)).*\.ts$/);
const tables = read(/^schema\/(?:tables|policies|triggers)\.sql$/);
const files = functionFiles();
const callsOf = (name: string, text: string) =>
  new RegExp(`(?<!function )\\b(?:gk\\.)?${name}\\(`).test(text.replace(/^--.*$/gm, ''));

/** The functions of the schema as the catalogue has them, held against their files. */
describe('the functions of the schema', () => {
  let database: TestDatabase;
  const catalogue = () =>
    database.query<CatalogueRow>(`
      select p.proname as name, obj_description(p.oid, 'pg_proc') as comment, p.prosrc as body, p.prosecdef as definer,
        (select setting from unnest(p.proconfig) setting where setting like 'search_path=%') as path,
        coalesce('enable_seqscan=off' = any (p.proconfig), false) as without_scans, r.rolname as owner, r.rolcanlogin as login,
        array(select case a.grantee when 0 then 'PUBLIC' else a.grantee::regrole::text end
          from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
          where a.grantee <> p.proowner order by 1) as executors
      from pg_proc p join pg_roles r on r.oid = p.proowner where p.pronamespace = 'gk'::regnamespace order by 1`);

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('each have a file, which they were made from', async () => {
    const made = (await catalogue()).map(({ name, comment }) => ({ name, comment }));
    expect(made).toEqual(files.map(({ name, sha256 }) => ({ name, comment: `sha256:${sha256}` })));
    for (const { name, body } of await catalogue()) {
      // The clock of a test database is its own.
      if (name !== 'now') expect(files.find((file) => file.name === name)?.sql).toContain(body);
    }
  });

  it('are owned and executed by the roles their files name, never by everybody', async () => {
    expect((await catalogue()).map(({ name, owner, executors }) => ({ name, owner, executors }))).toEqual(
      files.map(({ name, owner, executors }) => ({
        name,
        owner,
        executors: executors.filter((role) => role !== owner).sort(),
      })),
    );
    expect((await catalogue()).flatMap(({ executors }) => executors)).not.toContain('PUBLIC');
  });

  it('are executed by no role that has no need to', () => {
    for (const { name, owner, executors } of files) {
      for (const role of executors.filter((one) => one !== owner)) {
        const callers = files.filter((file) => file.name !== name && callsOf(name, file.sql));
        const needed =
          callers.some((file) => file.owner === role || file.executors.includes(role) || !file.runsAsOwner) ||
          (role === 'grantkeeper_app' && (callsOf(name, code) || callsOf(name, tables)));
        expect({ name, role, needed }).toEqual({ name, role, needed: true });
      }
    }
  });

  it('belong to roles that nobody logs in as', async () => {
    for (const { name, login } of await catalogue()) expect({ name, login }).toEqual({ name, login: false });
  });

  // That table is empty whenever its size is looked at. A plan made then reads all of it, for as long as the session lives.
  it('find what they look for in the table of intents by an index', async () => {
    const readers = (await catalogue()).filter(({ body }) => /\bfrom intents\b/.test(body));
    expect(readers.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['commit_renewals', 'keep_unread']),
    );
    for (const { name, without_scans } of readers)
      expect({ name, without_scans }).toEqual({ name, without_scans: true });
  });

  it('have a fixed search path where they run as their owner', async () => {
    const definers = (await catalogue()).filter(({ definer }) => definer);
    expect(definers.length).toBeGreaterThan(20);
    for (const { name, path } of definers) {
      expect({ name, path }).toEqual({ name, path: 'search_path=gk, pg_temp' });
    }
  });

  it('are all called: by the code, by each other, by a table, a policy or a trigger', () => {
    const orphans = files.filter(
      ({ name }) =>
        !callsOf(name, code) &&
        !callsOf(name, tables) &&
        !files.some((file) => file.name !== name && callsOf(name, file.sql)) &&
        !new RegExp(`execute function gk\\.${name}\\(`).test(tables),
    );
    expect(orphans.map(({ name }) => name)).toEqual([]);
  });

  it('are made anew by each migrate, with their rights, and dropped where no file defines them', async () => {
    await database.query(`
      create function gk.stale() returns integer language sql as 'select 1';
      create or replace function gk.held() returns boolean language sql stable security definer
        set search_path = gk, pg_temp as 'select false';
      grant execute on function gk.due_partitions to public`);
    expect(await migrate({ url: database.url })).toBe(0);
    const found = await catalogue();
    expect(found.map(({ name }) => name)).toEqual(files.map(({ name }) => name));
    expect(found.find(({ name }) => name === 'held')?.body).toContain('from holds');
    expect(found.find(({ name }) => name === 'due_partitions')?.executors).toEqual([]);
  });

  it('stay as a newer release has made them, should an older one migrate after it', async () => {
    await database.query(`
      insert into gk.migrations ("timestamp", name) values (9999999999999, 'Later');
      create function gk.newer() returns integer language sql as 'select 1'`);
    await migrate({ url: database.url });
    expect((await catalogue()).map(({ name }) => name)).toContain('newer');
    await database.query(`delete from gk.migrations where name = 'Later'; drop function gk.newer()`);
  });
});
