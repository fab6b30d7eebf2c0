import type { Settings } from '#config';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The header that every request of the console has: a form cannot set it, and a foreign script not without asking. */
export const consoleHeader = 'x-grantkeeper-console';

const loopbackHosts = ['127.0.0.1', 'localhost', '[::1]'];

/** Whether browsers reach this installation by https. */
export function isSecure({ publicUrl }: Pick<Settings, 'publicUrl'>): boolean {
  return publicUrl?.startsWith('https:') ?? false;
}

/**
 * Where the console is, as a browser names it: the public URL where that is https; otherwise the loopback address that
 * was asked. Undefined for any other: there a cookie would go over the network in clear.
 */
export function consoleOrigin(headers: Headers, settings: Pick<Settings, 'publicUrl'>): string | undefined {
  if (settings.publicUrl !== undefined && isSecure(settings)) return new URL(settings.publicUrl).origin;
  const { host } = headers;
  const asked = `http://${typeof host === 'string' ? host : ''}`;
  if (!URL.canParse(asked)) return undefined;
  const { origin, hostname } = new URL(asked);
  return loopbackHosts.includes(hostname) ? origin : undefined;
}

/**
 * Whether a page of this origin asked, and no other. A browser names the origin of each request that changes something,
 * and of each to another origin.
 */
export function isFromConsole(
  method: string,
  headers: Headers,
  settings: Pick<Settings, 'publicUrl'>,
): boolean {
  const own = consoleOrigin(headers, settings);
  const { origin, 'sec-fetch-site': site = 'same-origin' } = headers;
  if (own === undefined || headers[consoleHeader] !== '1' || site !== 'same-origin') return false;
  return origin === undefined ? method === 'GET' || method === 'HEAD' : origin === own;
}
