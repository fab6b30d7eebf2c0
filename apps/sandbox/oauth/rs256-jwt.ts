import { verify } from 'node:crypto';
import { isJsonObject, type Json } from '../json.js';

export interface Jwt {
  readonly header: { readonly [name: string]: Json };
  readonly claims: { readonly [name: string]: Json };
  readonly signingInput: string;
  readonly signature: Buffer;
}

const BASE64URL = /^[A-Za-z0-9_-]+$/;

/** Takes a JWS in compact form apart (RFC 7515 §7.1), padding and other base64 refused; believes nothing yet. */
export function readJwt(text: string): Jwt | undefined {
  const [head = '', payload = '', signature = '', ...rest] = text.split('.');
  if (rest.length > 0 || ![head, payload, signature].every((part) => BASE64URL.test(part))) return undefined;
  const header = readObject(head);
  const claims = readObject(payload);
  if (header === undefined || claims === undefined) return undefined;
  return {
    header,
    claims,
    signingInput: `${head}.${payload}`,
    signature: Buffer.from(signature, 'base64url'),
  };
}

/** Whether one of the keys made the signature; any other algorithm than RS256, and any `crit`, is refused. */
export function isSignedBy(jwt: Jwt, publicKeys: readonly string[]): boolean {
  if (jwt.header['alg'] !== 'RS256' || jwt.header['crit'] !== undefined) return false;
  const signed = Buffer.from(jwt.signingInput);
  return publicKeys.some((key) => verify('RSA-SHA256', signed, key, jwt.signature));
}

function readObject(part: string): { [name: string]: Json } | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
