import type { z } from 'zod';
import type { KeyEncryptionKey } from './key-encryption-keys.js';
import type { administrators, jwtIssuers, tenantQuotas } from './setting-fields.js';

export interface RenewalLimitSettings {
  /** Renewals one worker has under way at most. */
  readonly renewals: number;
  /** Of those, for one tenant. */
  readonly perTenant: number;
  /** Requests one process has under way at one upstream. */
  readonly perUpstream: number;
  /** Failures in a row after which an upstream is left alone. */
  readonly breakerFailures: number;
  /** For so long at most between two probes, seconds. */
  readonly breakerMaxSeconds: number;
  /** Between two attempts of one connection while its provider is down, seconds. */
  readonly backoffMaxSeconds: number;
}

/** An OpenID provider, and the client that the console is there. */
export interface ConsoleSsoSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** Undefined: a public client. */
  readonly clientSecret: string | undefined;
  readonly scopes: string;
  /** Claims by which somebody is a platform administrator: of one of them, all. */
  readonly administrators: z.output<typeof administrators>;
}

export interface Settings {
  readonly production: boolean;
  /** Undefined means the embedded PostgreSQL, which `npm start` runs and then names here. */
  readonly databaseUrl: string | undefined;
  /** For `LISTEN` and migrations; the same as `databaseUrl` unless a transaction pooler stands before it. */
  readonly databaseDirectUrl: string | undefined;
  /** Connections of one process to the database, beside the one that hears of changes. */
  readonly databasePool: number;
  readonly port: number;
  readonly host: string;
  readonly sandboxPort: number;
  readonly workerPort: number;
  readonly publicUrl: string | undefined;
  /** Absolute. */
  readonly dataDir: string;
  readonly deploymentId: string | undefined;
  /** Newest first, never empty. */
  readonly keyEncryptionKeys: readonly KeyEncryptionKey[];
  /** Of Vault or OpenBao: a file is read each time, because an agent puts a new token into it. */
  readonly transitToken: (() => string) | undefined;
  readonly bootstrapKey: string | undefined;
  readonly providerEndpoints: Readonly<Record<string, string>>;
  readonly egressAllow: readonly string[];
  /** Where spans are sent to, as OTLP over HTTP; undefined: no traces. */
  readonly tracing:
    | { readonly endpoint: string; readonly headers: Readonly<Record<string, string>> }
    | undefined;
  /** Whether providers are told of the trace in which they are asked. */
  readonly traceparentToProviders: boolean;
  /** Whether the api logs a line for each request. */
  readonly accessLog: boolean;
  /** Whether `/docs` is there. */
  readonly docs: boolean;
  /** Provider, or `provider/host`, of the one authorization server that comes back to `GET /v1/callback`; undefined: the first. */
  readonly sharedCallback: string | undefined;
  /** Whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  readonly jwtIssuers: z.output<typeof jwtIssuers>;
  /** By which people sign in to the console; undefined: with keys only. */
  readonly consoleSso: ConsoleSsoSettings | undefined;
  readonly upstreamTimeoutMs: number;
  readonly journalGraceSeconds: number;
  readonly outageReadSeconds: number;
  /** Entries that one process keeps in memory, at most. */
  readonly cacheSizes: { readonly tokens: number; readonly callers: number };
  /** How hard one process may press on providers. */
  readonly renewalLimits: RenewalLimitSettings;
  /** How many of each a tenant may have. */
  readonly tenantQuotas: z.output<typeof tenantQuotas>;
  /** Default of `settings.allow_unconfirmed` of a credential; true under `npm start`. */
  readonly allowUnconfirmed: boolean;
}
