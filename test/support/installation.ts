import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '#testing';
import { freePort } from './free-port.js';
import { type Client, clientOf } from './http.js';
import { type RoleProcess, startRole } from './role-process.js';
import { endpointsAt } from './simulated-providers.js';

export interface Api extends RoleProcess {
  readonly origin: string;
  /** With the platform admin's key. */
  readonly admin: Client;
}

/** An installation with one api. */
export interface Running {
  readonly installation: Installation;
  readonly api: Api;
}

/** A whole installation of real processes on a fresh database, with the sandbox as every provider. */
export interface Installation {
  readonly database: TestDatabase;
  readonly sandbox: Client;
  readonly sandboxOrigin: string;
  readonly adminKey: string;
  readonly processes: readonly RoleProcess[];
  startApi(env?: Record<string, string>): Promise<Api>;
  startWorker(env?: Record<string, string>): Promise<RoleProcess>;
  close(): Promise<void>;
}

export async function startInstallation(settings: Record<string, string> = {}): Promise<Installation> {
  const database = await createTestDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'gk-e2e-'));
  const adminKey = `test-${randomBytes(20).toString('hex')}`;
  const sandboxPort = await freePort();
  const sandboxOrigin = `http://127.0.0.1:${sandboxPort}`;
  const processes: RoleProcess[] = [await startRole('sandbox', { SANDBOX_PORT: String(sandboxPort) })];
  const sandbox = clientOf(sandboxOrigin);
  const shared = {
    DATABASE_URL: database.url,
    GRANTKEEPER_DATA_DIR: dataDir,
    GRANTKEEPER_BOOTSTRAP_KEY: adminKey,
    GRANTKEEPER_PROVIDER_ENDPOINTS: endpointsAt(sandboxOrigin),
    GRANTKEEPER_EGRESS_ALLOW: 'http://127.0.0.1:*',
    ...settings,
  };
  const start = async (role: 'api' | 'worker', env: Record<string, string>) => {
    const started = await startRole(role, { ...shared, ...env });
    processes.push(started);
    return started;
  };
  return {
    database,
    sandbox,
    sandboxOrigin,
    adminKey,
    processes,
    startApi: async (env = {}) => {
      const port = env['PORT'] ?? (await freePort());
      const origin = `http://127.0.0.1:${port}`;
      const started = await start('api', { PORT: String(port), ...env });
      return { ...started, origin, admin: clientOf(origin, adminKey) };
    },
    startWorker: async (env = {}) => start('worker', { WORKER_PORT: String(await freePort()), ...env }),
    close: async () => {
      await Promise.all(processes.slice(1).map((process) => process.stop()));
      await processes[0]?.stop();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
