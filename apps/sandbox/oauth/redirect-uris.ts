import type { Client } from '../issuers/desk.js';

/** Any port and path of this machine: what seeded clients have, so that an installation here just works. */
export const LOOPBACK_URIS = ['http://127.0.0.1:*', 'http://localhost:*'] as const;

/**
 * Letter for letter (RFC 9700 §2.1), but for the two above: a port that is free to choose is what RFC 8252 §7.3
 * allows, the free path is not, and no real provider should have it.
 */
export function allowsRedirect(client: Client, redirectUri: string): boolean {
  return client.redirectUris.some((registered) =>
    registered.endsWith(':*')
      ? isOnHost(redirectUri, registered.slice(0, -':*'.length))
      : registered === redirectUri,
  );
}

function isOnHost(redirectUri: string, host: string): boolean {
  if (!URL.canParse(redirectUri)) return false;
  const { protocol, hostname, username } = new URL(redirectUri);
  return username === '' && `${protocol}//${hostname}` === host;
}
