import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createTestDatabase, type SandboxControl, sandboxControl, type TestDatabase } from '#testing';
import { createApi } from '../../apps/api/api.js';
import { startSandbox } from '../../apps/sandbox/sandbox.js';
import { apiClientOf } from '../support/api-client.js';
import type { Answer, Client } from '../support/http.js';
import { contactCenterClient } from '../support/onboarding.js';
import { endpointsAt } from '../support/simulated-providers.js';

/** The API in this process, over real HTTP, with PostgreSQL and the sandbox behind it. */
export interface RunningApi {
  readonly app: NestFastifyApplication;
  readonly origin: string;
  readonly database: TestDatabase;
  readonly sandbox: SandboxControl;
  readonly adminKey: string;
  /** With the platform admin's key. */
  readonly admin: Client;
  readonly anonymous: Client;
  as(key: string): Client;
  /** A fresh tenant with a credential `client`, and a client of each tenant role. */
  tenant(slug?: string): Promise<RunningTenant>;
  /** Ends the session that hears of changes: until the next heartbeat they reach this replica by no notification. */
  stopHearing(): Promise<void>;
  close(): Promise<void>;
}

export interface RunningTenant {
  readonly slug: string;
  /** `/v1/tenants/<slug>` */
  readonly path: string;
  readonly tenantAdmin: Client;
  readonly connector: Client;
  readonly reader: Client;
  /** Makes a connection by client credentials. */
  connect(id?: string): Promise<void>;
}

/**
 * @param port where browsers reach it, where they must come back to it; absent: any
 * @param prepare what the database needs first
 */
export async function runApi(
  port?: number,
  prepare?: (database: TestDatabase) => Promise<unknown>,
): Promise<RunningApi> {
  const database = await createTestDatabase();
  await prepare?.(database);
  const sandbox = await startSandbox();
  const dataDir = mkdtempSync(join(tmpdir(), 'gk-contract-'));
  const adminKey = `contract-${randomBytes(20).toString('hex')}`;
  Object.assign(process.env, {
    DATABASE_URL: database.url,
    GRANTKEEPER_DATA_DIR: dataDir,
    GRANTKEEPER_BOOTSTRAP_KEY: adminKey,
    GRANTKEEPER_PROVIDER_ENDPOINTS: endpointsAt(sandbox.origin),
    GRANTKEEPER_EGRESS_ALLOW: 'http://127.0.0.1:*',
    GRANTKEEPER_UPSTREAM_TIMEOUT_MS: '5000',
    ...(port === undefined ? {} : { PORT: String(port) }),
  });
  const app = await createApi({ logger: false });
  await app.listen(port ?? 0, '127.0.0.1');
  const origin = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  const admin = apiClientOf(origin, adminKey);
  return {
    app,
    origin,
    database,
    sandbox: sandboxControl(sandbox.origin),
    adminKey,
    admin,
    anonymous: apiClientOf(origin),
    as: (key) => apiClientOf(origin, key),
    tenant: (slug = `t-${randomBytes(4).toString('hex')}`) => makeTenant(origin, admin, slug),
    stopHearing: async () => {
      await database.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'grantkeeper changes' and datname = current_database()",
      );
    },
    close: async () => {
      await app.close();
      await sandbox.close();
      await database.drop();
      rmSync(dataDir, { recursive: true });
    },
  };
}

async function makeTenant(origin: string, admin: Client, slug: string): Promise<RunningTenant> {
  const path = `/v1/tenants/${slug}`;
  await expectStatus(201, admin('POST', '/v1/tenants', { id: slug, name: slug }));
  await expectStatus(201, admin('POST', `${path}/credentials`, { id: 'client', ...contactCenterClient }));
  const role = async (name: string) => {
    const made = await expectStatus(201, admin('POST', `${path}/api_keys`, { name, role: name }));
    return apiClientOf(origin, made.json.key);
  };
  return {
    slug,
    path,
    tenantAdmin: await role('tenant_admin'),
    connector: await role('connector'),
    reader: await role('token_reader'),
    connect: async (id = 'main') => {
      const body = { id, credential: 'client', grant: 'client_credentials' };
      await expectStatus(201, admin('POST', `${path}/connections`, body));
    },
  };
}

/** The answer, or an error that shows it. */
export async function expectStatus(status: number, answer: Promise<Answer>): Promise<Answer> {
  const got = await answer;
  if (got.status !== status) throw new Error(`Expected ${status}, got ${got.status}: ${got.text}`);
  return got;
}
