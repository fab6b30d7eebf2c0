import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { type Postgres, startPostgres } from '../../scripts/embedded-postgres.mjs';

/** A PostgreSQL server for one suite alone, which may be stopped, and whose roles are nobody else's. */
export interface OwnPostgres {
  /** As superuser; stays the same over a restart. */
  url(database?: string, login?: { readonly user: string; readonly password: string }): string;
  query(sql: string, database?: string): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

export async function startOwnPostgres(): Promise<OwnPostgres> {
  const dataDir = mkdtempSync(join(realpathSync(tmpdir()), 'gk-postgres-'));
  let running: Postgres = await startPostgres({ dataDir, fsync: false });
  const { url: firstUrl, port } = running;
  const urlOf: OwnPostgres['url'] = (database = 'postgres', login) => {
    const url = new URL(firstUrl);
    url.pathname = `/${database}`;
    if (login) Object.assign(url, { username: login.user, password: login.password });
    return url.href;
  };
  return {
    url: urlOf,
    query: async (sql, database) => {
      const client = new Client({ connectionString: urlOf(database) });
      await client.connect();
      try {
        await client.query(sql);
      } finally {
        await client.end();
      }
    },
    stop: () => running.stop(),
    start: async () => {
      running = await startPostgres({ dataDir, fsync: false, settings: { port } });
    },
    remove: async () => {
      await running.stop();
      const folder = realpathSync(join(dataDir, 'postgres'));
      for (const path of [folder, dataDir]) rmSync(path, { recursive: true, force: true });
    },
  };
}
