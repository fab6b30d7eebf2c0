import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { type Clock, UpstreamError } from '#provider-kit';
import { algorithmsOf, parsePrivateKey, type SigningAlgorithm } from './private-key.js';

export interface JwtToSign {
  /** Besides `iat`, `exp` and `jti`, which each JWT gets of its own. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly audience?: string;
  readonly lifetimeSeconds: number;
  readonly privateKey: string;
  /** Default: the usual one of the key. */
  readonly algorithm?: SigningAlgorithm | undefined;
  readonly keyId?: string | undefined;
}

/**
 * A JWT by which a client proves itself, for one request.
 * @throws UpstreamError `invalid_client`, unsent, when the key cannot sign it
 */
export async function signJwt(jwt: JwtToSign, clock: Clock): Promise<string> {
  const key = parsePrivateKey(jwt.privateKey);
  const able = key ? algorithmsOf(key) : [];
  const algorithm = jwt.algorithm ?? able[0];
  if (!key || algorithm === undefined || !able.includes(algorithm)) {
    throw new UpstreamError('invalid_client', false, 'The private key cannot sign what is asked of it.');
  }
  const issuedAtSeconds = Math.floor(clock.now().getTime() / 1_000);
  const unsigned = new SignJWT({ ...jwt.claims })
    .setProtectedHeader({
      alg: algorithm,
      typ: 'JWT',
      ...(jwt.keyId === undefined ? {} : { kid: jwt.keyId }),
    })
    .setJti(randomUUID())
    .setIssuedAt(issuedAtSeconds)
    .setExpirationTime(issuedAtSeconds + jwt.lifetimeSeconds);
  if (jwt.audience !== undefined) unsigned.setAudience(jwt.audience);
  return unsigned.sign(key);
}
