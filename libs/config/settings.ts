import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { listedOrKeptKeys } from './key-encryption-keys.js';
import './rule-messages.js';
import {
  addressRanges,
  administrators,
  egressRules,
  flag,
  httpUrl,
  issuer,
  jwtIssuers,
  onOff,
  otlpHeaders,
  port,
  postgresUrl,
  providerEndpoints,
  scopes,
  tenantQuotas,
  wholeNumber,
} from './setting-fields.js';
import { SettingsError } from './settings.errors.js';
import type { ConsoleSsoSettings, Settings } from './settings-shape.js';

/** Every setting of CONTRACT.md, under its own name; each may also come as `NAME_FILE`. */
const environment = z.object({
  NODE_ENV: z.string().optional(),
  DATABASE_URL: postgresUrl.optional(),
  DATABASE_DIRECT_URL: postgresUrl.optional(),
  GRANTKEEPER_DATABASE_POOL: wholeNumber(2, 1_000).default(10),
  PORT: port.default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  SANDBOX_PORT: port.default(3100),
  WORKER_PORT: port.default(3001),
  GRANTKEEPER_PUBLIC_URL: httpUrl.optional(),
  GRANTKEEPER_DATA_DIR: z.string().min(1).default('.data'),
  GRANTKEEPER_DEPLOYMENT_ID: z.string().min(1).max(128).optional(),
  GRANTKEEPER_KEKS: z.string().optional(),
  GRANTKEEPER_TRANSIT_TOKEN: z.string().min(1).optional(),
  GRANTKEEPER_BOOTSTRAP_KEY: z.string().min(32, 'must have at least 32 characters').optional(),
  GRANTKEEPER_PROVIDER_ENDPOINTS: providerEndpoints.default({}),
  GRANTKEEPER_EGRESS_ALLOW: egressRules.default([]),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: otlpHeaders.default({}),
  GRANTKEEPER_TRACEPARENT_TO_PROVIDERS: onOff.default(false),
  GRANTKEEPER_ACCESS_LOG: onOff.default(false),
  GRANTKEEPER_DOCS: flag.default(true),
  GRANTKEEPER_SHARED_CALLBACK: z
    .string()
    .regex(/^[a-z0-9-]+(?:\/[^\s/]+)?$/, 'must be a provider, or provider/host')
    .optional(),
  GRANTKEEPER_TRUSTED_PROXIES: addressRanges.default([]),
  GRANTKEEPER_JWT_ISSUERS: jwtIssuers.default([]),
  GRANTKEEPER_CONSOLE_OIDC_ISSUER: issuer.optional(),
  GRANTKEEPER_CONSOLE_OIDC_CLIENT_ID: z.string().min(1).max(512).optional(),
  GRANTKEEPER_CONSOLE_OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  GRANTKEEPER_CONSOLE_OIDC_SCOPES: scopes.default('openid email profile'),
  GRANTKEEPER_CONSOLE_OIDC_ADMINS: administrators.default([]),
  GRANTKEEPER_UPSTREAM_TIMEOUT_MS: wholeNumber(100, 300_000).default(10_000),
  GRANTKEEPER_JOURNAL_GRACE_SECONDS: wholeNumber(0, 86_400).default(300),
  GRANTKEEPER_OUTAGE_READ_SECONDS: wholeNumber(0, 86_400).default(60),
  GRANTKEEPER_CACHE_TOKENS: wholeNumber(100, 10_000_000).default(50_000),
  GRANTKEEPER_CACHE_CALLERS: wholeNumber(100, 10_000_000).default(10_000),
  GRANTKEEPER_RENEWAL_CONCURRENCY: wholeNumber(1, 10_000).default(128),
  GRANTKEEPER_TENANT_CONCURRENCY: wholeNumber(1, 10_000).default(32),
  GRANTKEEPER_UPSTREAM_CONCURRENCY: wholeNumber(1, 10_000).default(96),
  GRANTKEEPER_TENANT_QUOTAS: tenantQuotas.prefault('{}'),
  GRANTKEEPER_BREAKER_FAILURES: wholeNumber(1, 1_000).default(5),
  GRANTKEEPER_BREAKER_MAX_SECONDS: wholeNumber(1, 3_600).default(30),
  GRANTKEEPER_BACKOFF_MAX_SECONDS: wholeNumber(1, 3_600).default(120),
  GRANTKEEPER_ALLOW_UNCONFIRMED: flag.default(false),
});

/**
 * Reads and checks all settings. Outside production, missing key-encryption keys are made in the data dir.
 * @throws SettingsError naming every wrong setting, without the values
 */
export function loadSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const parsed = environment.safeParse(withFiles(env));
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new SettingsError(`${lines.join('; ')}.`);
  }
  const values = parsed.data;
  const production = values.NODE_ENV === 'production';
  if (production) {
    for (const name of ['DATABASE_URL', 'GRANTKEEPER_KEKS', 'GRANTKEEPER_BOOTSTRAP_KEY'] as const) {
      if (values[name] === undefined)
        throw new SettingsError(`${name} is required with NODE_ENV=production.`);
    }
    if (!values.GRANTKEEPER_PUBLIC_URL?.startsWith('https:'))
      throw new SettingsError('GRANTKEEPER_PUBLIC_URL must be an https URL with NODE_ENV=production.');
  }
  const dataDir = resolve(values.GRANTKEEPER_DATA_DIR);
  const keyEncryptionKeys = listedOrKeptKeys(values.GRANTKEEPER_KEKS, dataDir);
  const { GRANTKEEPER_TRANSIT_TOKEN: transitToken } = values;
  if (transitToken === undefined && keyEncryptionKeys.some(({ kind }) => kind === 'transit')) {
    throw new SettingsError(
      'GRANTKEEPER_TRANSIT_TOKEN is required for a key of transit in GRANTKEEPER_KEKS.',
    );
  }
  return {
    production,
    databaseUrl: values.DATABASE_URL,
    databaseDirectUrl: values.DATABASE_DIRECT_URL ?? values.DATABASE_URL,
    databasePool: values.GRANTKEEPER_DATABASE_POOL,
    port: values.PORT,
    host: values.HOST,
    sandboxPort: values.SANDBOX_PORT,
    workerPort: values.WORKER_PORT,
    publicUrl: values.GRANTKEEPER_PUBLIC_URL,
    dataDir,
    deploymentId: values.GRANTKEEPER_DEPLOYMENT_ID,
    keyEncryptionKeys,
    transitToken:
      transitToken === undefined ? undefined : () => settingNow(env, 'GRANTKEEPER_TRANSIT_TOKEN') ?? '',
    bootstrapKey: values.GRANTKEEPER_BOOTSTRAP_KEY,
    providerEndpoints: values.GRANTKEEPER_PROVIDER_ENDPOINTS,
    egressAllow: values.GRANTKEEPER_EGRESS_ALLOW,
    tracing:
      values.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? undefined
        : {
            endpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
            headers: values.OTEL_EXPORTER_OTLP_HEADERS,
          },
    traceparentToProviders: values.GRANTKEEPER_TRACEPARENT_TO_PROVIDERS,
    accessLog: values.GRANTKEEPER_ACCESS_LOG,
    docs: values.GRANTKEEPER_DOCS,
    sharedCallback: values.GRANTKEEPER_SHARED_CALLBACK,
    trustedProxies: values.GRANTKEEPER_TRUSTED_PROXIES,
    jwtIssuers: values.GRANTKEEPER_JWT_ISSUERS,
    consoleSso: consoleSsoOf(values),
    upstreamTimeoutMs: values.GRANTKEEPER_UPSTREAM_TIMEOUT_MS,
    journalGraceSeconds: values.GRANTKEEPER_JOURNAL_GRACE_SECONDS,
    outageReadSeconds: values.GRANTKEEPER_OUTAGE_READ_SECONDS,
    cacheSizes: { tokens: values.GRANTKEEPER_CACHE_TOKENS, callers: values.GRANTKEEPER_CACHE_CALLERS },
    renewalLimits: {
      renewals: values.GRANTKEEPER_RENEWAL_CONCURRENCY,
      perTenant: values.GRANTKEEPER_TENANT_CONCURRENCY,
      perUpstream: values.GRANTKEEPER_UPSTREAM_CONCURRENCY,
      breakerFailures: values.GRANTKEEPER_BREAKER_FAILURES,
      breakerMaxSeconds: values.GRANTKEEPER_BREAKER_MAX_SECONDS,
      backoffMaxSeconds: values.GRANTKEEPER_BACKOFF_MAX_SECONDS,
    },
    tenantQuotas: values.GRANTKEEPER_TENANT_QUOTAS,
    allowUnconfirmed: values.GRANTKEEPER_ALLOW_UNCONFIRMED,
  };
}

/** @throws SettingsError for one without the other */
function consoleSsoOf(values: z.output<typeof environment>): ConsoleSsoSettings | undefined {
  const { GRANTKEEPER_CONSOLE_OIDC_ISSUER: url, GRANTKEEPER_CONSOLE_OIDC_CLIENT_ID: clientId } = values;
  if (url === undefined && clientId === undefined) return undefined;
  if (url === undefined || clientId === undefined) {
    throw new SettingsError(
      'GRANTKEEPER_CONSOLE_OIDC_ISSUER and GRANTKEEPER_CONSOLE_OIDC_CLIENT_ID are set together.',
    );
  }
  return {
    issuer: url,
    clientId,
    clientSecret: values.GRANTKEEPER_CONSOLE_OIDC_CLIENT_SECRET,
    scopes: values.GRANTKEEPER_CONSOLE_OIDC_SCOPES,
    administrators: values.GRANTKEEPER_CONSOLE_OIDC_ADMINS,
  };
}

/** An empty variable counts as absent, as compose files produce them; `NAME` wins over `NAME_FILE`. */
function withFiles(env: NodeJS.ProcessEnv): Record<string, string | undefined> {
  const values: Record<string, string | undefined> = {};
  for (const name of Object.keys(environment.shape)) {
    values[name] = settingNow(env, name);
  }
  return values;
}

export function settingNow(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const path = env[`${name}_FILE`];
  return env[name] || (path ? readSettingFile(name, path) : undefined);
}

function readSettingFile(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new SettingsError(`${name}_FILE names a file that cannot be read.`);
  }
}
