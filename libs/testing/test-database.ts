import { randomBytes } from 'node:crypto';
import { Client, Pool } from 'pg';

export interface TestDatabase {
  /** Of a superuser, as `DATABASE_URL` may be in production too: isolation must hold all the same. */
  readonly url: string;
  query<Row extends object>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  /** The columns of a table whose values PostgreSQL does not make from the others, for a row that is written as it was. */
  writtenColumns(table: string): Promise<string>;
  /** Moves `gk.now()`, for every session, by so many seconds from the real time. */
  setClockOffset(seconds: number): Promise<void>;
  /**
   * Ends every session but the one of `query`, waits until they have ended, and lets none in until the function it
   * resolves with is called.
   */
  interrupt(): Promise<() => Promise<void>>;
  drop(): Promise<void>;
}

/** Name of the connection that outlives an interruption. */
const observer = 'grantkeeper test observer';

/** One for all suites of a process, which it does not keep from ending. */
let administrator: Pool | undefined;

/** A fresh copy of the migrated template on the throw-away PostgreSQL of the test run, with a clock that can be set. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env['GRANTKEEPER_TEST_DATABASE_URL'];
  if (!server) throw new Error('Tests with a database run through npm test, which starts one.');
  const name = `gk_${randomBytes(6).toString('hex')}`;
  // Of so small a template the files are copied in half the time that writing its pages to the log takes.
  await onServer(server, `create database ${name} template gk_template strategy file_copy`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const client = new Client({ connectionString: url.href, application_name: observer });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(`
    create table gk_clock (skew interval not null);
    insert into gk_clock values ('0');
    grant select on gk_clock to public;
    create or replace function gk.now() returns timestamptz language sql volatile
      as 'select clock_timestamp() + (select skew from public.gk_clock)'`);
  return {
    url: url.href,
    query: async <Row extends object>(sql: string, parameters: unknown[] = []) =>
      (await client.query<Row>(sql, parameters)).rows,
    writtenColumns: async (table) => {
      const { rows } = await client.query<{ columns: string }>(
        `select string_agg(quote_ident(attname), ', ' order by attnum) as columns from pg_attribute
         where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
        [`gk.${table}`],
      );
      return rows[0]?.columns ?? '';
    },
    setClockOffset: async (seconds) => {
      await client.query('update gk_clock set skew = make_interval(secs => $1)', [seconds]);
    },
    interrupt: async () => {
      await onServer(server, `alter database ${name} allow_connections false`);
      await client.query(
        `select pg_terminate_backend(pid, 10_000) from pg_stat_activity
         where datname = current_database() and application_name <> $1`,
        [observer],
      );
      return () => onServer(server, `alter database ${name} allow_connections true`);
    },
    drop: async () => {
      await client.end();
      await onServer(server, `drop database ${name} with (force)`);
    },
  };
}

async function onServer(url: string, sql: string): Promise<void> {
  administrator ??= new Pool({
    connectionString: url,
    max: 1,
    idleTimeoutMillis: 0,
    allowExitOnIdle: true,
  }).on('error', () => undefined);
  await administrator.query(sql);
}
