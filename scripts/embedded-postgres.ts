import pg from 'pg';
import { openCluster } from './embedded-postgres/cluster.ts';
import { findHome } from './embedded-postgres/home.ts';
import { findRunning, launch, stopPostmaster } from './embedded-postgres/postmaster.ts';

const DATABASE = 'grantkeeper';
/** How long a server that says it is ready may take to let us in. */
const CONNECT_TIMEOUT_MS = 10_000;

export interface Postgres {
  /** Superuser URL of the database `grantkeeper`. */
  readonly url: string;
  /** On 127.0.0.1. */
  readonly port: number;
  readonly pid: number;
  /** It was running already, left behind by a start that was killed. */
  readonly adopted: boolean;
  /** A fast shutdown; resolves when the server is gone. */
  stop(): Promise<void>;
}

interface Options {
  readonly dataDir: string;
  /** Added to the server's command line. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/**
 * A PostgreSQL of our own under `<dataDir>/postgres`, from binaries that came as an npm package. It is started in
 * a session of its own, so that a Ctrl-C in the terminal does not reach it: it is ours to stop, and last.
 *
 * @throws {UserError} no binaries for this platform, a directory that cannot be
 *   written, data of another major version, a server that does not come up
 */
export async function startPostgres({ dataDir, settings = {} }: Options): Promise<Postgres> {
  const home = findHome(dataDir);
  const cluster = await openCluster(home, settings['fsync'] !== 'off');
  const running = await findRunning(cluster);
  const server = running ?? (await launch(cluster, settings));
  const url = `postgres://postgres:${cluster.password}@127.0.0.1:${server.port}`;
  try {
    await ensureDatabase(`${url}/postgres`, DATABASE);
  } catch (error) {
    await stopPostmaster(cluster.data, server.pid);
    throw error;
  }
  return {
    url: `${url}/${DATABASE}`,
    port: server.port,
    pid: server.pid,
    adopted: running !== null,
    stop: () => stopPostmaster(cluster.data, server.pid),
  };
}

/** Settings of a throw-away server. */
export const THROW_AWAY = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * @param url of any database of that server, as superuser
 * @param name created unless it is there
 */
export async function ensureDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
