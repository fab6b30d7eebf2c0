import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCluster } from '../../../scripts/embedded-postgres/cluster.ts';
import { findHome } from '../../../scripts/embedded-postgres/home.ts';
import { stopPostmaster } from '../../../scripts/embedded-postgres/postmaster.ts';
import { readPostmasterFile } from '../../../scripts/embedded-postgres/postmaster-file.ts';
import { ensureDatabase, startPostgres, THROW_AWAY } from '../../../scripts/embedded-postgres.ts';
import { ROOT } from '../../../scripts/lib/paths.mjs';
import { migrateDatabase } from '../../../scripts/start/migrate-database.ts';
import { processIdentity } from '../../journal/process-identity.ts';

const PREFIX = 'grantkeeper-test-';
const TEMPLATE = 'gk_template';
/** Suites run side by side, each with pools of its own. */
const MAX_CONNECTIONS = 300;
/** A file system in memory, where a database is copied in a tenth of the time. */
const MEMORY = '/dev/shm';
/** Far more than all databases of a run take; the memory of a container is often 64 MiB. */
const ROOM_BYTES = 4 * 2 ** 30;

export interface TestDatabase {
  /** As superuser, of the database `postgres`; stays the same over a restart. */
  readonly url: string;
  /** Where the files of a fresh server are, to copy others from: making them takes ten times as long. */
  readonly cluster: string;
  /** A fast shutdown, which ends all sessions, and a start. */
  restart(): Promise<void>;
  remove(): Promise<void>;
}

/**
 * A throw-away PostgreSQL for one run of the tests, with a migrated database to copy from.
 *
 * @param settings of the server; for measurements others than those of one that may forget its last commits
 */
export async function startTestDatabase(
  settings: Readonly<Record<string, string | number>> = THROW_AWAY,
): Promise<TestDatabase> {
  await sweepTestDatabases();
  // A server that is to keep its commits keeps them on the disk.
  const place = settings === THROW_AWAY && hasRoom(MEMORY) ? MEMORY : tmpdir();
  const folder = mkdtempSync(join(place, `${PREFIX}${process.pid}-`));
  chmodSync(folder, 0o755);
  const start = (more = {}) =>
    startPostgres({
      dataDir: folder,
      settings: { ...settings, max_connections: MAX_CONNECTIONS, ...more },
    });
  const cluster = join(folder, 'cluster');
  await openCluster(findHome(folder), settings['fsync'] !== 'off');
  execFileSync('cp', ['-a', realpathSync(join(folder, 'postgres')), cluster]);
  let postgres = await start();
  const url = databaseUrl(postgres.url, 'postgres');
  await ensureDatabase(url, TEMPLATE);
  if (existsSync(join(ROOT, 'dist', 'libs', 'vault', 'migrate.js'))) {
    await migrateDatabase(databaseUrl(postgres.url, TEMPLATE));
  }
  return {
    url,
    cluster,
    restart: async () => {
      await postgres.stop();
      postgres = await start({ port: postgres.port });
    },
    remove: async () => {
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Clears away what runs that were killed have left: a server each, and its folder. */
export async function sweepTestDatabases(): Promise<void> {
  for (const place of [tmpdir(), MEMORY].filter(existsSync)) {
    for (const name of readdirSync(place)) {
      const pid = Number(name.match(`^${PREFIX}(\\d+)-`)?.[1]);
      if (Number.isNaN(pid) || processIdentity(pid) !== undefined) continue;
      try {
        await removeLeftover(join(place, name));
      } catch {
        // Somebody else's; they will sweep it themselves.
      }
    }
  }
}

function hasRoom(place: string): boolean {
  if (!existsSync(place)) return false;
  const { bavail, bsize } = statfsSync(place);
  return bavail * bsize >= ROOM_BYTES;
}

async function removeLeftover(folder: string): Promise<void> {
  const data = join(folder, 'postgres', 'data');
  const server = readPostmasterFile(data);
  if (server !== null) await stopPostmaster(data, server.pid);
  rmSync(folder, { recursive: true, force: true });
}

function databaseUrl(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}
