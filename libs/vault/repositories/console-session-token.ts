import type { RowSeal, SealedMembers } from '../encryption/row-mac.js';

/** The contents of a session's cookie. */
export interface SessionToken extends RowSeal {
  /** 256 random bits, of which the database has the hash. */
  readonly secret: Buffer;
  readonly apiKeyId: string;
  /** To the second. */
  readonly expiresAt: Date;
}

const shape = /^[\w-]{43}\.[0-9a-f-]{36}\.\d{10}\.[\w-]{1,400}\.[\w-]{43}$/;

export function writeSessionToken({ secret, apiKeyId, expiresAt, macKid, mac }: SessionToken): string {
  return [
    secret.toString('base64url'),
    apiKeyId,
    String(expiresAt.getTime() / 1_000),
    Buffer.from(macKid).toString('base64url'),
    mac.toString('base64url'),
  ].join('.');
}

/** @returns undefined for anything of another form; its signature is still to be verified */
export function readSessionToken(token: string): SessionToken | undefined {
  if (!shape.test(token)) return undefined;
  const [secret = '', apiKeyId = '', seconds = '', kid = '', mac = ''] = token.split('.');
  const read = {
    secret: Buffer.from(secret, 'base64url'),
    apiKeyId,
    expiresAt: new Date(Number(seconds) * 1_000),
    macKid: Buffer.from(kid, 'base64url').toString(),
    mac: Buffer.from(mac, 'base64url'),
  };
  // Base64 has several texts for the same bytes; one of them is ours.
  return writeSessionToken(read) === token ? read : undefined;
}

/** The part that the signature covers. */
export function sessionMembers(secret: Buffer, apiKeyId: string, expiresAt: Date): SealedMembers {
  return ['console_sessions', secret.toString('base64url'), apiKeyId, expiresAt.toISOString()];
}
