import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type Postgres, startPostgres, THROW_AWAY } from '../../scripts/embedded-postgres.js';

/**
 * `fast`: sessions are ended, everything is written · `immediate`: recovery at the next start ·
 * `killed`: the server process alone, as by the kernel.
 */
export type StopMode = 'fast' | 'immediate' | 'killed';

/** A PostgreSQL server for one suite alone, which may be stopped, and whose roles are nobody else's. */
export interface OwnPostgres {
  /** As superuser; stays the same over a restart. */
  url(database?: string, login?: { readonly user: string; readonly password: string }): string;
  query<Row extends object>(sql: string, database?: string): Promise<Row[]>;
  stop(mode?: StopMode): Promise<void>;
  start(): Promise<void>;
  /**
   * A standby from a cold copy, for which this server is restarted. It streams asynchronously.
   * @param source where it finds this server, when not directly
   */
  standby(source?: string): Promise<OwnPostgres>;
  remove(): Promise<void>;
}

type Settings = Readonly<Record<string, string | number>>;

/** @param settings on top of those of a throw-away server, which may forget its last commits in a crash */
export async function startOwnPostgres(settings: Settings = {}): Promise<OwnPostgres> {
  const cluster = process.env['GRANTKEEPER_TEST_CLUSTER'];
  if (!cluster) throw new Error('Tests with a database run through npm test, which makes one.');
  return serverOn(copyOf(cluster), settings);
}

async function serverOn(dataDir: string, settings: Settings): Promise<OwnPostgres> {
  let running: Postgres = await startPostgres({ dataDir, settings: { ...THROW_AWAY, ...settings } });
  const { url: firstUrl, port } = running;
  const urlOf: OwnPostgres['url'] = (database = 'postgres', login) => {
    const url = new URL(firstUrl);
    url.pathname = `/${database}`;
    if (login) Object.assign(url, { username: login.user, password: login.password });
    return url.href;
  };
  const start = async () => {
    running = await startPostgres({ dataDir, settings: { ...THROW_AWAY, ...settings, port } });
  };
  return {
    url: urlOf,
    query: async <Row extends object>(sql: string, database?: string) => {
      const client = new Client({ connectionString: urlOf(database) });
      await client.connect();
      try {
        return (await client.query<Row>(sql)).rows;
      } finally {
        await client.end();
      }
    },
    stop: async (mode = 'fast') => {
      if (mode === 'fast') return running.stop();
      process.kill(running.pid, mode === 'immediate' ? 'SIGQUIT' : 'SIGKILL');
      while (isAlive(running.pid)) await sleep(10);
    },
    start,
    standby: async (source = firstUrl) => {
      await running.stop();
      const copyDir = standbyOf(dataDir);
      await start();
      return serverOn(copyDir, { ...settings, primary_conninfo: conninfo(source) });
    },
    remove: async () => {
      await running.stop();
      const folder = realpathSync(join(dataDir, 'postgres'));
      for (const path of [folder, dataDir]) rmSync(path, { recursive: true, force: true });
    },
  };
}

/** The files of a stopped server, as a standby's. */
function standbyOf(dataDir: string): string {
  const copyDir = copyOf(realpathSync(join(dataDir, 'postgres')));
  const data = join(copyDir, 'postgres', 'data');
  const { uid, gid } = statSync(data);
  writeFileSync(join(data, 'standby.signal'), '');
  chownSync(join(data, 'standby.signal'), uid, gid);
  return copyDir;
}

/** @returns the data directory of another server, with the files of one that does not run */
function copyOf(files: string): string {
  const copyDir = mkdtempSync(join(realpathSync(tmpdir()), 'gk-postgres-'));
  // Open to the account the server runs under, where that is another one.
  chmodSync(copyDir, 0o755);
  execFileSync('cp', ['-a', files, join(copyDir, 'postgres')]);
  return copyDir;
}

function conninfo(source: string): string {
  const { hostname, port, username, password } = new URL(source);
  return `host=${hostname} port=${port} user=${username} password=${password}`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
