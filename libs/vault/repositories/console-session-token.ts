import type { RowSeal, SealedMembers } from '../encryption/row-mac.js';

/**
 * Whose a session is:
 * - `key`: of an API key, by its id;
 * - `identity`: of a person whom a workload identity lets in, by its id;
 * - `administrator`: of a person whom the setting makes platform administrator, by the digest of the claims it asks for.
 */
export interface SessionHolder {
  readonly kind: 'key' | 'identity' | 'administrator';
  readonly id: string;
  /** Issuer and subject of the person; empty for a key. */
  readonly person: string;
}

/** The contents of a session's cookie. */
export interface SessionToken extends RowSeal {
  /** 256 random bits, of which the database has the hash. */
  readonly secret: Buffer;
  readonly holder: SessionHolder;
  /** To the second, as the next. */
  readonly expiresAt: Date;
  /** When the key was given, or the person has signed in at the issuer. */
  readonly authenticatedAt: Date;
}

const shape =
  /^[\w-]{43}\.(?<kind>key|identity|administrator)\.[\w-]{36,43}\.[\w-]{0,1100}\.\d{10}\.\d{10}\.[\w-]{1,400}\.[\w-]{43}$/;

export function writeSessionToken(token: SessionToken): string {
  const { secret, holder, expiresAt, authenticatedAt, macKid, mac } = token;
  return [
    secret.toString('base64url'),
    holder.kind,
    holder.id,
    Buffer.from(holder.person).toString('base64url'),
    ...[expiresAt, authenticatedAt].map((at) => String(at.getTime() / 1_000).padStart(10, '0')),
    Buffer.from(macKid).toString('base64url'),
    mac.toString('base64url'),
  ].join('.');
}

/** @returns undefined for anything of another form; its signature is still to be verified */
export function readSessionToken(token: string): SessionToken | undefined {
  const kind = shape.exec(token)?.groups?.['kind'] as SessionHolder['kind'] | undefined;
  if (!kind) return undefined;
  const [secret = '', , id = '', person = '', expires, authenticated, kid = '', mac = ''] = token.split('.');
  const read = {
    secret: Buffer.from(secret, 'base64url'),
    holder: { kind, id, person: Buffer.from(person, 'base64url').toString() },
    expiresAt: new Date(Number(expires) * 1_000),
    authenticatedAt: new Date(Number(authenticated) * 1_000),
    macKid: Buffer.from(kid, 'base64url').toString(),
    mac: Buffer.from(mac, 'base64url'),
  };
  // Base64 has several texts for the same bytes; one of them is ours.
  return writeSessionToken(read) === token ? read : undefined;
}

/** The part that the signature covers. */
export function sessionMembers(token: Omit<SessionToken, keyof RowSeal>): SealedMembers {
  const { secret, holder, expiresAt, authenticatedAt } = token;
  return [
    'console_sessions',
    secret.toString('base64url'),
    ...[holder.kind, holder.id, holder.person],
    ...[expiresAt, authenticatedAt].map((at) => at.toISOString()),
  ];
}
