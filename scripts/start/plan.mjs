import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { ROOT } from '../lib/paths.mjs';
import { codeOf, UserError } from '../lib/user-error.mjs';
import { hasSetting } from './setting.mjs';

/** Who the sandbox stands in for. */
const SIMULATED = ['vonage-network', 'vonage-business', 'net2phone-canada', 'vonage-contact-center'];
const LOOPBACK = 'http://127.0.0.1:*,http://localhost:*,http://[::1]:*';

/**
 * @typedef {object} Plan what `npm start` is going to run
 * @property {string} dataDir absolute
 * @property {string} host of the api and the worker
 * @property {{ PORT: number, SANDBOX_PORT: number, WORKER_PORT: number }} ports 0 means any
 * @property {string | undefined} databaseUrl undefined means the embedded one
 * @property {string | undefined} migrateUrl
 * @property {string | undefined} adminKey undefined means one of ours, kept in the data directory
 * @property {number} upstreamTimeoutMs
 * @property {boolean} simulated the providers are the sandbox, so the demo tenant can be seeded
 */

/**
 * Reads all settings as the applications will, so that a broken one ends the start before anything is touched.
 *
 * @returns {Promise<Plan>}
 */
export async function readPlan() {
  const dataDir = resolve(ROOT, process.env.GRANTKEEPER_DATA_DIR || '.data');
  try {
    mkdirSync(dataDir, { recursive: true });
  } catch (error) {
    throw new UserError(`the data directory ${dataDir} cannot be written (${codeOf(error)})`);
  }
  const { loadSettings } = await import('../../dist/libs/config/settings.js');
  const settings = loadSettings({ ...process.env, GRANTKEEPER_DATA_DIR: dataDir });
  return {
    dataDir,
    host: settings.host,
    ports: { PORT: settings.port, SANDBOX_PORT: settings.sandboxPort, WORKER_PORT: settings.workerPort },
    databaseUrl: settings.databaseUrl,
    migrateUrl: settings.databaseDirectUrl,
    adminKey: settings.bootstrapKey,
    upstreamTimeoutMs: settings.upstreamTimeoutMs,
    simulated: !hasSetting('GRANTKEEPER_PROVIDER_ENDPOINTS'),
  };
}

/**
 * What the applications get, on top of what a person has set.
 *
 * @param {Plan} plan with the ports they really listen on
 * @param {{ databaseUrl: string, adminKey: string }} made
 * @returns {NodeJS.ProcessEnv}
 */
export function applicationEnvironment(plan, { databaseUrl, adminKey }) {
  const sandbox = `http://127.0.0.1:${plan.ports.SANDBOX_PORT}`;
  return {
    ...process.env,
    GRANTKEEPER_DATA_DIR: plan.dataDir,
    DATABASE_URL: databaseUrl,
    ...(plan.databaseUrl === undefined ? { DATABASE_DIRECT_URL: databaseUrl } : {}),
    ...Object.fromEntries(Object.entries(plan.ports).map(([name, port]) => [name, String(port)])),
    GRANTKEEPER_BOOTSTRAP_KEY: adminKey,
    ...(plan.simulated
      ? {
          GRANTKEEPER_PROVIDER_ENDPOINTS: JSON.stringify(
            Object.fromEntries(SIMULATED.map((id) => [id, sandbox])),
          ),
        }
      : {}),
    ...(hasSetting('GRANTKEEPER_ALLOW_UNCONFIRMED') ? {} : { GRANTKEEPER_ALLOW_UNCONFIRMED: 'true' }),
    ...(hasSetting('GRANTKEEPER_EGRESS_ALLOW') ? {} : { GRANTKEEPER_EGRESS_ALLOW: LOOPBACK }),
  };
}
