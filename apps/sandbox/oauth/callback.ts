import type { ProviderReply } from '../issuers/issuer.js';

/** Sends the browser back to the client (RFC 6749 §4.1.2); a query the URI has already stays in front. */
export function callback(
  redirectUri: string,
  parameters: Readonly<Record<string, string | undefined>>,
): ProviderReply {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.append(name, value);
  const joint = redirectUri.includes('?') ? '&' : '?';
  return {
    status: 302,
    headers: { location: `${redirectUri}${joint}${query}`, 'cache-control': 'no-store' },
    body: '',
  };
}
