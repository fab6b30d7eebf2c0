import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '#vault';
import { type Client, clientOf } from '../support/http.js';
import { type Api, type Installation, startInstallation } from '../support/installation.js';
import { type OwnPostgres, startOwnPostgres } from '../support/own-postgres.js';
import { PostgresProxy } from './postgres-proxy.js';
import {
  expectStatus,
  importGrant,
  type RotatingConnection,
  registerModes,
  rotationModes,
} from './rotating-grants.js';

const database = 'grantkeeper';

/** One api process behind a door to a PostgreSQL of its own, which the test may do anything to. */
export interface DatabaseProduct {
  readonly postgres: OwnPostgres;
  readonly door: PostgresProxy;
  readonly installation: Installation;
  readonly api: Api;
  /** With the key of a tenant's own reader. */
  readonly reader: Client;
  /** So many grants of each way of rotating, at generation 1. */
  importGrants(each: number): Promise<RotatingConnection[]>;
  /** By connection, as that server has them. */
  generations(server: OwnPostgres): Promise<Map<string, number>>;
  /** Sends the product to another server. */
  takeOver(server: OwnPostgres): void;
  close(): Promise<void>;
}

export async function startDatabaseProduct(): Promise<DatabaseProduct> {
  // Commits that were answered are not forgotten when the server is killed; the machine stays up.
  const postgres = await startOwnPostgres({ synchronous_commit: 'on' });
  await migrate({ url: postgres.url(database) });
  const door = await PostgresProxy.start(postgres.url(database));
  const dataDir = mkdtempSync(join(tmpdir(), 'gk-crash-'));
  const installation = await startInstallation({
    DATABASE_URL: door.url,
    GRANTKEEPER_DATA_DIR: dataDir,
    GRANTKEEPER_UPSTREAM_TIMEOUT_MS: '1000',
    GRANTKEEPER_KEKS: `crash:${Buffer.alloc(32, 7).toString('base64')}`,
  });
  const api = await installation.startApi();
  await registerModes(installation, api);
  const key = { name: 'reader', role: 'token_reader' };
  const made = await expectStatus(api.admin('POST', '/v1/tenants/acme/api_keys', key), 201);
  return {
    postgres,
    door,
    installation,
    api,
    reader: clientOf(api.origin, made.json.key),
    importGrants: async (each) => {
      const connections: RotatingConnection[] = [];
      for (const mode of rotationModes) {
        for (let n = 0; n < each; n += 1) connections.push(await importGrant(installation, api, mode));
      }
      return connections;
    },
    generations: async (server) => {
      const sql = 'select slug, generation from gk.connections';
      const rows = await server.query<{ slug: string; generation: number }>(sql, database);
      return new Map(rows.map(({ slug, generation }) => [slug, generation]));
    },
    takeOver: (server) => {
      door.retarget(server.url(database));
      door.cut();
    },
    close: async () => {
      await installation.close();
      await door.close();
      await postgres.remove();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
