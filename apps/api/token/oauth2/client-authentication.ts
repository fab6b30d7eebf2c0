import { invalidClient, OAuthError } from './oauth-error.js';
import type { TokenForm } from './token-form.js';

/** How the client of a token request says who it is. */
export interface ClientSecretPair {
  readonly clientId: string;
  readonly clientSecret: string;
}

/**
 * Reads HTTP Basic or the body, whichever the client uses (RFC 6749 §2.3.1).
 * @throws OAuthError `invalid_client` where there is neither, `invalid_request` where there are both
 */
export function clientSecretPair(authorization: string | undefined, form: TokenForm): ClientSecretPair {
  const clientId = form.get('client_id');
  const clientSecret = form.get('client_secret');
  if (authorization !== undefined) {
    if (clientSecret !== undefined) throw twice();
    const pair = basicPair(authorization);
    if (!pair) throw invalidClient();
    if (clientId !== undefined && clientId !== pair.clientId) {
      throw new OAuthError('invalid_request', 'client_id is not the one of the Authorization header.');
    }
    return pair;
  }
  if (clientId === undefined || clientSecret === undefined) throw invalidClient();
  return { clientId, clientSecret };
}

function twice(): OAuthError {
  return new OAuthError('invalid_request', 'The client authenticates in more than one way.');
}

/** Both halves are form-encoded before they are joined (RFC 6749 §2.3.1). */
function basicPair(authorization: string): ClientSecretPair | undefined {
  const encoded = /^basic +([A-Za-z0-9+/_-]+={0,2}) *$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  const clientId = formDecoded(text.slice(0, colon));
  const clientSecret = formDecoded(text.slice(colon + 1));
  return clientId && clientSecret ? { clientId, clientSecret } : undefined;
}

function formDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
