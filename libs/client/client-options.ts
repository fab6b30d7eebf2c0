import { configurationError, type GrantkeeperError } from './grantkeeper-error.js';
import { type Environment, type KeySource, keySource } from './key-source.js';

export interface GrantkeeperClientOptions {
  /** Address of Grantkeeper; default `GRANTKEEPER_URL`. */
  readonly url?: string | URL | undefined;
  /** An API key. Without `key`, `keyFile` and `getKey`: `GRANTKEEPER_KEY` or `GRANTKEEPER_KEY_FILE`. */
  readonly key?: string | undefined;
  /** A file with an API key or a workload JWT, read anew for each request. */
  readonly keyFile?: string | undefined;
  /** Asked for an API key or a workload JWT at each request. */
  readonly getKey?: (() => string | Promise<string>) | undefined;
  /** The tenant of connections that are named without one. */
  readonly tenant?: string | undefined;
  /** Seconds that a token should still live; 0 to 86400, default 60. */
  readonly minTtl?: number | undefined;
  /** How long one request to Grantkeeper may take; default 15000. */
  readonly timeoutMs?: number | undefined;
  /** After so many seconds a token in memory is asked for again, behind the back of its readers; default 300. */
  readonly maxAgeSeconds?: number | undefined;
  /** How many connections are kept in memory at most; default 1000. */
  readonly maxConnections?: number | undefined;
  /** Sends the requests to Grantkeeper; default the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /** Told of a refresh or report that failed although the caller was served. */
  readonly onBackgroundError?: ((error: unknown, connection: string) => void) | undefined;
}

export interface Settings {
  /** Without a slash at its end. */
  readonly url: string;
  readonly key: KeySource;
  readonly tenant: string | undefined;
  readonly minTtl: number;
  readonly timeoutMs: number;
  readonly maxAgeSeconds: number;
  readonly maxConnections: number;
  readonly fetch: typeof fetch;
  readonly onBackgroundError: (error: unknown, connection: string) => void;
}

export const maxMinTtl = 86_400;

/** @throws GrantkeeperError `configuration` */
export function settingsOf(options: GrantkeeperClientOptions, env: Environment): Settings {
  return {
    url: baseUrl(options.url ?? env['GRANTKEEPER_URL']),
    key: keySource(options, env),
    tenant: options.tenant,
    minTtl: wholeNumber('minTtl', options.minTtl ?? 60, 0, maxMinTtl),
    timeoutMs: wholeNumber('timeoutMs', options.timeoutMs ?? 15_000, 1, 2 ** 31 - 1),
    maxAgeSeconds: wholeNumber('maxAgeSeconds', options.maxAgeSeconds ?? 300, 1),
    maxConnections: wholeNumber('maxConnections', options.maxConnections ?? 1_000, 1),
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    onBackgroundError: options.onBackgroundError ?? (() => undefined),
  };
}

/** @throws GrantkeeperError `configuration` */
export function wholeNumber(
  name: string,
  value: number,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw configurationError(`${name} must be a whole number from ${least} to ${most}`);
}

function baseUrl(given: string | URL | undefined): string {
  if (given === undefined || given === '') throw configurationError('url or GRANTKEEPER_URL is needed');
  const url = URL.canParse(String(given)) ? new URL(given) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') throw badUrl();
  // A password in it would be in every message that names the address.
  if (url.username || url.password || url.search || url.hash) throw badUrl();
  let address = url.href;
  while (address.endsWith('/')) address = address.slice(0, -1);
  return address;
}

function badUrl(): GrantkeeperError {
  return configurationError('url must be an http or https address without user, query and fragment');
}
