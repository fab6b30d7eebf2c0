import { createHash } from 'node:crypto';

/** Of one flow each, so that two tabs do not take each other's. */
const prefix = 'gk_flow_';
const path = '/v1/callback';

export function flowCookie(value: string, maxAgeSeconds: number, secure: boolean): string {
  const name = prefix + createHash('sha256').update(value).digest('hex').slice(0, 12);
  const attributes = [`Max-Age=${maxAgeSeconds}`, `Path=${path}`, 'HttpOnly', 'SameSite=Lax'];
  return [`${name}=${value}`, ...attributes, ...(secure ? ['Secure'] : [])].join('; ');
}

/** Values of all flows this browser has begun; a handful at most counts. */
export function flowCookies(header: string | undefined): string[] {
  return (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(prefix))
    .map((part) => part.slice(part.indexOf('=') + 1))
    .slice(0, 20);
}

/** Takes the cookies of finished flows away. */
export function clearedCookies(header: string | undefined, secure: boolean): string[] {
  return flowCookies(header).map((value) => flowCookie(value, 0, secure).replace(`=${value};`, '=;'));
}
