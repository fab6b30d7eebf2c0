import { createSecretKey, randomUUID } from 'node:crypto';
import { type JWTHeaderParameters, SignJWT } from 'jose';
import { type Clock, UpstreamError } from '#provider-kit';
import { algorithmsOf, parsePrivateKey, type SigningAlgorithm } from './private-key.js';

interface UnsignedJwt {
  /** Besides `iat`, `exp` and `jti`, which each JWT gets of its own. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly audience?: string;
  readonly lifetimeSeconds: number;
  readonly keyId?: string | undefined;
}

export interface JwtToSign extends UnsignedJwt {
  readonly privateKey: string;
  /** Default: the usual one of the key. */
  readonly algorithm?: SigningAlgorithm | 'HS256' | undefined;
  /** RFC 7515 §4.1.7 and §4.1.8: of the certificate that goes with the key. */
  readonly thumbprints?: { readonly x5t: string; readonly 'x5t#S256': string } | undefined;
}

/**
 * A JWT by which a client proves itself, for one request.
 * @throws UpstreamError `invalid_client`, unsent, when the key cannot sign it
 */
export async function signJwt(jwt: JwtToSign, clock: Clock): Promise<string> {
  const key = parsePrivateKey(jwt.privateKey);
  const able = key ? algorithmsOf(key) : [];
  const algorithm = able.find((one) => jwt.algorithm === undefined || one === jwt.algorithm);
  if (!key || algorithm === undefined) {
    throw new UpstreamError('invalid_client', false, 'The private key cannot sign what is asked of it.');
  }
  return unsigned(jwt, { alg: algorithm, ...jwt.thumbprints }, clock).sign(key);
}

/** The same with a secret that both sides know: HS256 of RFC 7518 §3.2, under its octets. */
export async function signSharedSecretJwt(
  jwt: UnsignedJwt & { readonly clientSecret: string },
  clock: Clock,
): Promise<string> {
  const key = createSecretKey(Buffer.from(jwt.clientSecret, 'utf8'));
  return unsigned(jwt, { alg: 'HS256' }, clock).sign(key);
}

function unsigned(jwt: UnsignedJwt, header: JWTHeaderParameters, clock: Clock): SignJWT {
  const issuedAtSeconds = Math.floor(clock.now().getTime() / 1_000);
  const builder = new SignJWT({ ...jwt.claims })
    .setProtectedHeader({ ...header, typ: 'JWT', ...(jwt.keyId === undefined ? {} : { kid: jwt.keyId }) })
    .setJti(randomUUID())
    .setIssuedAt(issuedAtSeconds)
    .setExpirationTime(issuedAtSeconds + jwt.lifetimeSeconds);
  return jwt.audience === undefined ? builder : builder.setAudience(jwt.audience);
}
