import { openCluster } from './embedded-postgres/cluster.ts';
import { ensureDatabase } from './embedded-postgres/database.ts';
import { findHome } from './embedded-postgres/home.ts';
import { findRunning, launch, stopPostmaster } from './embedded-postgres/postmaster.ts';

const DATABASE = 'grantkeeper';

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
  /** False is for throw-away databases only. */
  readonly fsync?: boolean;
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
export async function startPostgres({ dataDir, fsync = true, settings = {} }: Options): Promise<Postgres> {
  const home = findHome(dataDir);
  const cluster = await openCluster(home, fsync);
  const running = await findRunning(cluster);
  const server = running ?? (await launch(cluster, { ...durability(fsync), ...settings }));
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

function durability(fsync: boolean) {
  return fsync ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
}
