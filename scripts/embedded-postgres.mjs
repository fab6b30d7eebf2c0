import { openCluster } from './embedded-postgres/cluster.mjs';
import { ensureDatabase } from './embedded-postgres/database.mjs';
import { findHome } from './embedded-postgres/home.mjs';
import { findRunning, launch, stopPostmaster } from './embedded-postgres/postmaster.mjs';

const DATABASE = 'grantkeeper';

/**
 * @typedef {object} Postgres
 * @property {string} url superuser URL of the database `grantkeeper`
 * @property {number} port on 127.0.0.1
 * @property {number} pid
 * @property {boolean} adopted it was running already, left behind by a start that was killed
 * @property {() => Promise<void>} stop a fast shutdown; resolves when the server is gone
 */

/**
 * A PostgreSQL of our own under `<dataDir>/postgres`, from binaries that came as an npm package. It is started in
 * a session of its own, so that a Ctrl-C in the terminal does not reach it: it is ours to stop, and last.
 *
 * @param {{ dataDir: string, fsync?: boolean, settings?: Record<string, string | number> }} options
 *   `fsync: false` is for throw-away databases only; `settings` are added to the server's command line
 * @returns {Promise<Postgres>}
 * @throws {import('./lib/user-error.mjs').UserError} no binaries for this platform, a directory that cannot be
 *   written, data of another major version, a server that does not come up
 */
export async function startPostgres({ dataDir, fsync = true, settings = {} }) {
  const home = findHome(dataDir);
  const cluster = await openCluster(home, { durable: fsync });
  const running = await findRunning(cluster);
  const server = running ?? (await launch(cluster, { ...durability(fsync), ...settings }));
  const url = `postgres://postgres:${cluster.password}@127.0.0.1:${server.port}`;
  try {
    await ensureDatabase(`${url}/postgres`, DATABASE);
  } catch (error) {
    await stopPostmaster(cluster, server.pid);
    throw error;
  }
  return {
    url: `${url}/${DATABASE}`,
    port: server.port,
    pid: server.pid,
    adopted: running !== null,
    stop: () => stopPostmaster(cluster, server.pid),
  };
}

/** @param {boolean} fsync */
function durability(fsync) {
  return fsync ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
}
