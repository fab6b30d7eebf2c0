import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { importBuilt, ROOT } from '../lib/paths.mjs';
import { codeOf, UserError } from '../lib/user-error.mjs';

const LOOPBACK = 'http://127.0.0.1:*,http://localhost:*,http://[::1]:*';

/** The plan of what `npm start` is going to run. */
export interface Plan {
  /** Absolute. */
  readonly dataDir: string;
  /** Of the api and the worker. */
  readonly host: string;
  /** 0 means any. */
  readonly ports: { PORT: number; SANDBOX_PORT: number; WORKER_PORT: number };
  /** Undefined means the embedded one. */
  readonly databaseUrl: string | undefined;
  readonly migrateUrl: string | undefined;
  /** Undefined means one of ours, kept in the data directory. */
  readonly adminKey: string | undefined;
  readonly upstreamTimeoutMs: number;
  /** Providers that the sandbox stands in for, so that the demo tenant can be seeded; none where a person has said otherwise. */
  readonly simulated: readonly string[];
}

/** Reads all settings as the applications will, so that a broken one ends the start before anything is touched. */
export async function readPlan(): Promise<Plan> {
  const dataDir = resolve(ROOT, process.env['GRANTKEEPER_DATA_DIR'] || '.data');
  try {
    mkdirSync(dataDir, { recursive: true });
  } catch (error) {
    throw new UserError(`the data directory ${dataDir} cannot be written (${codeOf(error)})`);
  }
  const { loadSettings }: typeof import('#config') = await importBuilt('libs/config/settings.js');
  const issuers = await importBuilt('apps/sandbox/issuers/issuer-list.js');
  const settings = loadSettings({ ...process.env, GRANTKEEPER_DATA_DIR: dataDir });
  return {
    dataDir,
    host: settings.host,
    ports: { PORT: settings.port, SANDBOX_PORT: settings.sandboxPort, WORKER_PORT: settings.workerPort },
    databaseUrl: settings.databaseUrl,
    migrateUrl: settings.databaseDirectUrl,
    adminKey: settings.bootstrapKey,
    upstreamTimeoutMs: settings.upstreamTimeoutMs,
    simulated: hasSetting('GRANTKEEPER_PROVIDER_ENDPOINTS') ? [] : issuers.simulatedProviders(),
  };
}

/**
 * The variables the applications get, on top of those a person has set.
 *
 * @param plan with the ports they really listen on
 */
export function applicationEnvironment(
  plan: Plan,
  { databaseUrl, adminKey }: { databaseUrl: string; adminKey: string },
): NodeJS.ProcessEnv {
  const sandbox = `http://127.0.0.1:${plan.ports.SANDBOX_PORT}`;
  const endpoints = JSON.stringify(Object.fromEntries(plan.simulated.map((id) => [id, sandbox])));
  return {
    ...process.env,
    GRANTKEEPER_DATA_DIR: plan.dataDir,
    DATABASE_URL: databaseUrl,
    ...(plan.databaseUrl === undefined ? { DATABASE_DIRECT_URL: databaseUrl } : {}),
    ...Object.fromEntries(Object.entries(plan.ports).map(([name, port]) => [name, String(port)])),
    GRANTKEEPER_BOOTSTRAP_KEY: adminKey,
    ...(plan.simulated.length > 0 ? { GRANTKEEPER_PROVIDER_ENDPOINTS: endpoints } : {}),
    ...(hasSetting('GRANTKEEPER_ALLOW_UNCONFIRMED') ? {} : { GRANTKEEPER_ALLOW_UNCONFIRMED: 'true' }),
    ...(hasSetting('GRANTKEEPER_EGRESS_ALLOW') ? {} : { GRANTKEEPER_EGRESS_ALLOW: LOOPBACK }),
  };
}

function hasSetting(name: string): boolean {
  return Boolean(process.env[name] || process.env[`${name}_FILE`]);
}
