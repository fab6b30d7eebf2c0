import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDatabase } from './embedded-postgres/database.mjs';
import { stopPostmaster } from './embedded-postgres/postmaster.mjs';
import { readPostmasterFile } from './embedded-postgres/postmaster-file.mjs';
import { startPostgres } from './embedded-postgres.mjs';
import { ROOT } from './lib/paths.mjs';
import { processIdentity } from './lib/process-identity.mjs';
import { migrateDatabase } from './start/migrate-database.mjs';

const PREFIX = 'grantkeeper-test-';
const TEMPLATE = 'gk_template';
/** Suites run side by side, each with pools of its own. */
const MAX_CONNECTIONS = 300;

/**
 * A throw-away PostgreSQL for one run of the tests, with a migrated database to copy from.
 *
 * @returns {Promise<{ url: string, remove(): Promise<void> }>} `url`: as superuser, of the database `postgres`
 */
export async function startTestDatabase() {
  await sweepTestDatabases();
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  chmodSync(folder, 0o755);
  const postgres = await startPostgres({
    dataDir: folder,
    fsync: false,
    settings: { max_connections: MAX_CONNECTIONS },
  });
  const url = databaseUrl(postgres.url, 'postgres');
  await ensureDatabase(url, TEMPLATE);
  if (existsSync(join(ROOT, 'dist', 'libs', 'vault', 'migrate.js'))) {
    await migrateDatabase(databaseUrl(postgres.url, TEMPLATE));
  }
  return {
    url,
    remove: async () => {
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Clears away what runs that were killed have left: a server each, and its folder. */
export async function sweepTestDatabases() {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(name.match(`^${PREFIX}(\\d+)-`)?.[1]);
    if (Number.isNaN(pid) || processIdentity(pid) !== null) continue;
    try {
      await removeLeftover(join(tmpdir(), name));
    } catch {
      // Somebody else's; they will sweep it themselves.
    }
  }
}

/** @param {string} folder */
async function removeLeftover(folder) {
  const data = join(folder, 'postgres', 'data');
  const server = readPostmasterFile(data);
  if (server !== null) await stopPostmaster({ data }, server.pid);
  rmSync(folder, { recursive: true, force: true });
}

/**
 * @param {string} url
 * @param {string} database
 */
function databaseUrl(url, database) {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}
