import { createHash } from 'node:crypto';

/** Of one flow each, so that two tabs do not take each other's. */
const prefix = 'gk_flow_';
const callbackPath = '/v1/callback';
/** No other host, and nobody without TLS, can set a cookie of such a name; it must be for every path. */
const hostPrefix = '__Host-';

export function flowCookie(value: string, maxAgeSeconds: number, secure: boolean): string {
  const name = prefix + createHash('sha256').update(value).digest('hex').slice(0, 12);
  const [fullName, path] = secure ? [hostPrefix + name, '/'] : [name, callbackPath];
  const attributes = [`Max-Age=${maxAgeSeconds}`, `Path=${path}`, 'HttpOnly', 'SameSite=Lax'];
  return [`${fullName}=${value}`, ...attributes, ...(secure ? ['Secure'] : [])].join('; ');
}

/** Values of all flows this browser has begun; a handful at most counts. */
export function flowCookies(header: string | undefined): string[] {
  return (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(prefix) || part.startsWith(hostPrefix + prefix))
    .map((part) => part.slice(part.indexOf('=') + 1))
    .slice(0, 20);
}

/** Takes the cookies of finished flows away. */
export function clearedCookies(header: string | undefined, secure: boolean): string[] {
  return flowCookies(header).map((value) => flowCookie(value, 0, secure).replace(`=${value};`, '=;'));
}
