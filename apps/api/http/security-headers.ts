import type { Settings } from '#config';

const hstsSeconds = 31_536_000;

/**
 * Of every answer, which is no page unless a page says otherwise. Browsers are told to stay with https where they reach
 * us by it (RFC 6797).
 */
export function securityHeaders({ publicUrl }: Pick<Settings, 'publicUrl'>): Record<string, string> {
  const isSecure = publicUrl?.startsWith('https:') ?? false;
  return {
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    ...(isSecure ? { 'strict-transport-security': `max-age=${hstsSeconds}` } : {}),
  };
}

/** Of `/docs`, which needs its own scripts and styles, and nothing else. */
export const docsHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};
