export interface BasicCredentials {
  readonly id: string;
  readonly secret: string;
}

const BASIC = /^Basic +([A-Za-z0-9+/]+={0,2})$/i;

/**
 * Reads RFC 7617 Basic credentials as they stand, without the form decoding of RFC 6749 §2.3.1.
 * `malformed` covers another scheme, padding gone wrong, base64url and a missing colon.
 */
export function readRawBasic(authorization: string | undefined): BasicCredentials | 'absent' | 'malformed' {
  if (authorization === undefined) return 'absent';
  const encoded = BASIC.exec(authorization)?.[1];
  if (encoded === undefined || encoded.length % 4 !== 0) return 'malformed';
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 0) return 'malformed';
  return { id: pair.slice(0, colon), secret: pair.slice(colon + 1) };
}
