import { z } from 'zod';

/** Of a sign-in that is under way: as long as somebody may take at the issuer. */
const cookieSeconds = 600;
const name = 'gk_console_sso';
const hostPrefix = '__Host-';

const flowSchema = z.strictObject({
  state: z.string().min(1),
  nonce: z.string().min(1),
  verifier: z.string().min(1),
  /** Under `/console`. */
  returnTo: z.string(),
  /** The only one that is meant; null: any. */
  tenant: z.string().nullable(),
  /** Whether somebody who is signed in has to show that it is still them. */
  again: z.boolean(),
  /** The session that the browser had, and that ends when the new one begins. */
  before: z.string().nullable(),
});

/**
 * The part of a sign-in that its browser keeps while it is at the issuer. Nothing in it is believed: another state or
 * nonce fits no answer, and all that it names is looked at again.
 */
export type SignInFlow = z.output<typeof flowSchema>;

/** `Lax`, for the browser comes back from the page of another origin. */
export function flowCookieOf(flow: SignInFlow | undefined, isSecure: boolean): string {
  const value = flow ? Buffer.from(JSON.stringify(flow)).toString('base64url') : '';
  const attributes = [`Max-Age=${flow ? cookieSeconds : 0}`, 'Path=/', 'HttpOnly', 'SameSite=Lax'];
  return [`${nameOf(isSecure)}=${value}`, ...attributes, ...(isSecure ? ['Secure'] : [])].join('; ');
}

export function readFlow(header: string | undefined, isSecure: boolean): SignInFlow | undefined {
  const start = `${nameOf(isSecure)}=`;
  const found = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(start));
  try {
    const text = Buffer.from(found?.slice(start.length) ?? '', 'base64url').toString();
    return flowSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The path under `/console` that is meant, or `/console`: nobody is sent elsewhere after a sign-in. */
export function returnPath(wanted: string | undefined): string {
  const base = 'https://console.invalid';
  if (wanted === undefined || wanted.length > 512 || !URL.canParse(wanted, base)) return '/console';
  const { origin, pathname, search } = new URL(wanted, base);
  const isOurs = origin === base && (pathname === '/console' || pathname.startsWith('/console/'));
  // Not back to a sign-in, which would begin another.
  return isOurs && !pathname.startsWith('/console/sso') ? pathname + search : '/console';
}

function nameOf(isSecure: boolean): string {
  return isSecure ? hostPrefix + name : name;
}
