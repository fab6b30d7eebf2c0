import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Postgres, startPostgres } from '../embedded-postgres.ts';
import { importBuilt } from '../lib/paths.mjs';
import { settlePorts } from '../lib/ports.ts';
import { type Application, startApplication } from './application.ts';
import { bannerOf } from './banner.ts';
import { type DataDirLock, lockDataDir } from './data-dir-lock.ts';
import { migrateDatabase } from './migrate-database.ts';
import { applicationEnvironment, type Plan } from './plan.ts';

/** The parts that run so far; each one here has to be stopped. */
export interface Installation {
  lock?: DataDirLock;
  postgres?: Postgres;
  readonly apps: Map<string, Application>;
  plan?: Plan;
}

/**
 * Starts everything. Gives up between any two steps when `ending` is aborted, upon which `ended` rejects; the caller
 * then brings down what is up. An application that ends by itself aborts it.
 */
export async function bringUp(
  installation: Installation,
  wished: Plan,
  ending: AbortController,
  ended: Promise<never>,
) {
  installation.lock = await lockDataDir(wished);
  // The sandbox's control API has no password, so it is for this machine only, whatever HOST says.
  const hosts = { PORT: wished.host, SANDBOX_PORT: '127.0.0.1', WORKER_PORT: wished.host };
  const plan = { ...wished, ports: await settlePorts(wished.ports, hosts) };
  installation.plan = plan;
  const adminKeyFile = join(plan.dataDir, 'admin-key');
  const adminKey = plan.adminKey ?? keptAdminKey(adminKeyFile);
  const start = (name: string, env: NodeJS.ProcessEnv) => {
    ending.signal.throwIfAborted();
    const onDeath = (error: Error) => ending.abort(error);
    installation.apps.set(name, startApplication(name, { env, dataDir: plan.dataDir, onDeath }));
    installation.lock?.update({
      children: [...installation.apps.values()].map(({ name, pid, identity }) => ({ name, pid, identity })),
    });
  };

  start('sandbox', {
    ...process.env,
    HOST: hosts.SANDBOX_PORT,
    SANDBOX_PORT: String(plan.ports.SANDBOX_PORT),
  });
  const databaseUrl = plan.databaseUrl ?? (await embeddedDatabase(installation, plan.dataDir));
  ending.signal.throwIfAborted();
  await migrateDatabase(plan.migrateUrl ?? databaseUrl);
  const env = applicationEnvironment(plan, { databaseUrl, adminKey });
  start('api', env);
  start('worker', env);
  for (const app of installation.apps.values()) await Promise.race([ended, app.ready]);

  const origin = originOf(plan);
  const { seedDemoTenant } = await importBuilt('apps/sandbox/demo-tenant.js');
  const demo =
    plan.simulated.length > 0
      ? await Promise.race([ended, seedDemoTenant({ origin, adminKey, dataDir: plan.dataDir })])
      : undefined;
  const keyPlace = plan.adminKey === undefined ? adminKeyFile : 'GRANTKEEPER_BOOTSTRAP_KEY';
  process.stdout.write(bannerOf({ plan, origin, keyPlace, demo }));
}

/** Applications first, so that they can finish their calls; then whom they call; the database last. */
export async function bringDown({ lock, apps, postgres, plan }: Installation): Promise<void> {
  lock?.update({ stopping: true });
  const stop = (name: string) => apps.get(name)?.stop(plan?.upstreamTimeoutMs ?? 0);
  const failures = [
    ...(await Promise.allSettled([stop('worker'), stop('api')])),
    ...(await Promise.allSettled([stop('sandbox')])),
    ...(await Promise.allSettled([postgres?.stop()])),
  ].filter((outcome) => outcome.status === 'rejected');
  lock?.release();
  if (failures[0] !== undefined) throw failures[0].reason;
}

async function embeddedDatabase(installation: Installation, dataDir: string): Promise<string> {
  const postgres = await startPostgres({ dataDir });
  installation.postgres = postgres;
  const found = postgres.adopted ? 'was running already' : 'is running';
  process.stdout.write(`PostgreSQL ${found} (pid ${postgres.pid}, port ${postgres.port})\n`);
  return postgres.url;
}

function originOf({ host, ports }: Plan): string {
  const reachable =
    { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host] ?? (host.includes(':') ? `[${host}]` : host);
  return `http://${reachable}:${ports.PORT}`;
}

/** The platform-admin key, made once and readable by its owner only. */
function keptAdminKey(file: string): string {
  const made = `grantkeeper-admin-${randomBytes(24).toString('base64url')}\n`;
  if (!existsSync(file)) writeFileSync(file, made, { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}
