import { isJwt } from '#access';
import { invalidClient, OAuthError } from './oauth-error.js';
import type { TokenForm } from './token-form.js';

/** How a client says who it is. */
export type ClientAuthentication =
  | { readonly kind: 'secret'; readonly clientId: string; readonly clientSecret: string }
  | { readonly kind: 'assertion'; readonly clientId: string | undefined; readonly jwt: string };

const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * Reads HTTP Basic, the secret in the body (RFC 6749 §2.3.1) or an assertion (RFC 7523 §2.2), whichever it is.
 * @returns undefined where there is none
 * @throws OAuthError `invalid_client`, and `invalid_request` where there are several
 */
export function clientAuthentication(
  authorization: string | undefined,
  form: TokenForm,
): ClientAuthentication | undefined {
  const clientSecret = form.get('client_secret');
  const assertion = form.get('client_assertion');
  if ([authorization, clientSecret, assertion].filter((way) => way !== undefined).length > 1) {
    throw new OAuthError('invalid_request', 'The client authenticates in more than one way.');
  }
  const clientId = form.get('client_id');
  if (authorization !== undefined) return inHeader(authorization, clientId);
  if (assertion !== undefined) return asserted(assertion, form.get('client_assertion_type'), clientId);
  if (clientSecret === undefined) return undefined;
  if (clientId === undefined) throw invalidClient();
  return { kind: 'secret', clientId, clientSecret };
}

function inHeader(authorization: string, clientId: string | undefined): ClientAuthentication {
  const pair = basicPair(authorization);
  if (!pair) throw invalidClient();
  if (clientId !== undefined && clientId !== pair.clientId) {
    throw new OAuthError('invalid_request', 'client_id is not the one of the Authorization header.');
  }
  return { kind: 'secret', ...pair };
}

function asserted(jwt: string, type: string | undefined, clientId: string | undefined): ClientAuthentication {
  if (type === undefined) throw new OAuthError('invalid_request', 'client_assertion_type is missing.');
  if (type !== jwtBearer || !isJwt(jwt)) throw invalidClient();
  return { kind: 'assertion', clientId, jwt };
}

/** Both halves are form-encoded before they are joined (RFC 6749 §2.3.1). */
function basicPair(authorization: string): { clientId: string; clientSecret: string } | undefined {
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
