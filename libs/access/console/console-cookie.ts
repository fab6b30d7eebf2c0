const name = 'gk_console';
/** No other host, and nobody without TLS, can set a cookie of such a name; it must be for every path. */
const hostPrefix = '__Host-';

/**
 * No instant at which it ends: it ends with the browser's session, or before on the server.
 * @param isSecure whether browsers come by https; otherwise they come by loopback
 */
export function consoleCookie(token: string, isSecure: boolean): string {
  return cookie(token, isSecure, []);
}

/** Takes it away. */
export function clearedConsoleCookie(isSecure: boolean): string {
  return cookie('', isSecure, ['Max-Age=0']);
}

/** The token of the session that a request brings. */
export function consoleTokenOf(header: string | undefined, isSecure: boolean): string | undefined {
  const start = `${nameOf(isSecure)}=`;
  const found = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(start));
  return found?.slice(start.length) || undefined;
}

function cookie(value: string, isSecure: boolean, more: readonly string[]): string {
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Strict', ...(isSecure ? ['Secure'] : [])];
  return [`${nameOf(isSecure)}=${value}`, ...more, ...attributes].join('; ');
}

function nameOf(isSecure: boolean): string {
  return isSecure ? hostPrefix + name : name;
}
