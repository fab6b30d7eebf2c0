import { join } from 'node:path';
import { seedDemoTenant } from '../demo-tenant.mjs';
import { startPostgres } from '../embedded-postgres.mjs';
import { startApplication } from './application.mjs';
import { bannerOf } from './banner.mjs';
import { lockDataDir } from './data-dir-lock.mjs';
import { keptAdminKey } from './kept-secret.mjs';
import { migrateDatabase } from './migrate-database.mjs';
import { applicationEnvironment } from './plan.mjs';
import { settlePorts } from './ports.mjs';

/**
 * @typedef {object} Installation what is running so far; whatever is here has to be stopped
 * @property {import('../lib/lock.mjs').Lock} [lock]
 * @property {import('../embedded-postgres.mjs').Postgres} [postgres]
 * @property {Map<string, import('./application.mjs').Application>} apps
 * @property {import('./plan.mjs').Plan} [plan]
 */

/**
 * Starts everything. Gives up between any two steps when `ending` is aborted; the caller then brings down what
 * is up. An application that ends by itself aborts it.
 *
 * @param {Installation} installation
 * @param {import('./plan.mjs').Plan} wished
 * @param {AbortController} ending
 */
export async function bringUp(installation, wished, ending) {
  installation.lock = await lockDataDir(wished);
  const plan = { ...wished, ports: await portsOf(wished) };
  installation.plan = plan;
  const adminKeyFile = join(plan.dataDir, 'admin-key');
  const adminKey = plan.adminKey ?? keptAdminKey(adminKeyFile);
  const start = (/** @type {string} */ name, /** @type {NodeJS.ProcessEnv} */ env) => {
    ending.signal.throwIfAborted();
    const onDeath = (/** @type {Error} */ error) => ending.abort(error);
    installation.apps.set(name, startApplication(name, { env, dataDir: plan.dataDir, onDeath }));
    installation.lock?.update({
      children: [...installation.apps.values()].map(({ name, pid, identity }) => ({ name, pid, identity })),
    });
  };

  // Its control API has no password, so it is for this machine only, whatever HOST says.
  start('sandbox', { ...process.env, HOST: '127.0.0.1', SANDBOX_PORT: String(plan.ports.SANDBOX_PORT) });
  const databaseUrl = plan.databaseUrl ?? (await embeddedDatabase(installation, plan.dataDir));
  ending.signal.throwIfAborted();
  await migrateDatabase(plan.migrateUrl ?? databaseUrl);
  const env = applicationEnvironment(plan, { databaseUrl, adminKey });
  start('api', env);
  start('worker', env);
  for (const app of installation.apps.values()) await unlessEnding(ending.signal, app.ready);

  const demo = plan.simulated
    ? await unlessEnding(
        ending.signal,
        seedDemoTenant({ origin: originOf(plan), adminKey, dataDir: plan.dataDir }),
      )
    : undefined;
  const keyPlace = plan.adminKey === undefined ? adminKeyFile : 'GRANTKEEPER_BOOTSTRAP_KEY';
  process.stdout.write(bannerOf({ plan, origin: originOf(plan), keyPlace, demo }));
}

/**
 * Applications first, so that they can finish their calls; then whom they call; the database last.
 *
 * @param {Installation} installation
 */
export async function bringDown({ lock, apps, postgres, plan }) {
  lock?.update({ stopping: true });
  const stop = (/** @type {string} */ name) => apps.get(name)?.stop(plan?.upstreamTimeoutMs ?? 0);
  const failures = [
    ...(await Promise.allSettled([stop('worker'), stop('api')])),
    ...(await Promise.allSettled([stop('sandbox')])),
    ...(await Promise.allSettled([postgres?.stop()])),
  ].filter((outcome) => outcome.status === 'rejected');
  lock?.release();
  if (failures[0] !== undefined) throw failures[0].reason;
}

/** @param {import('./plan.mjs').Plan} plan */
function portsOf({ ports, host }) {
  return settlePorts({
    PORT: { port: ports.PORT, host },
    SANDBOX_PORT: { port: ports.SANDBOX_PORT, host: '127.0.0.1' },
    WORKER_PORT: { port: ports.WORKER_PORT, host },
  });
}

/**
 * @param {Installation} installation
 * @param {string} dataDir
 */
async function embeddedDatabase(installation, dataDir) {
  const postgres = await startPostgres({ dataDir });
  installation.postgres = postgres;
  const found = postgres.adopted ? 'was running already' : 'is running';
  process.stdout.write(`PostgreSQL ${found} (pid ${postgres.pid}, port ${postgres.port})\n`);
  return postgres.url;
}

/** @param {import('./plan.mjs').Plan} plan */
function originOf({ host, ports }) {
  const reachable =
    { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host] ?? (host.includes(':') ? `[${host}]` : host);
  return `http://${reachable}:${ports.PORT}`;
}

/**
 * @template T
 * @param {AbortSignal} signal
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
function unlessEnding(signal, promise) {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
