import { log } from './log.js';

const names = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'];

/**
 * Says once, at the start, that the variables for a proxy change nothing here: a firewall that lets out nothing else
 * would otherwise look like an outage of every provider. Their values may hold a password, and are not shown.
 */
export function warnOfIgnoredProxy(env: NodeJS.ProcessEnv = process.env): void {
  const ignored = names.flatMap((name) => [name, name.toLowerCase()]).filter((name) => env[name]);
  if (ignored.length === 0) return;
  log.warn(
    { ignored },
    'providers and webhooks are asked directly: the variables for a proxy are ignored. Let this host reach the providers over https, or name an egress proxy that stands in for a provider in GRANTKEEPER_PROVIDER_ENDPOINTS',
  );
}
