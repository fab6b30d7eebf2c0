import { createSecretKey } from 'node:crypto';
import { compactVerify, decodeJwt, decodeProtectedHeader, errors, type JWTPayload } from 'jose';
import type { IssuerKeys } from './issuer-keys.client.js';
import { signingAlgorithms } from './private-key.js';

export interface IdTokenChecks {
  readonly clientId: string;
  /** For the algorithms that a shared secret signs by; absent where the client has none. */
  readonly clientSecret: string | undefined;
  /** Undefined where nobody says which: the token endpoint itself is then the word for it. */
  readonly issuer: string | undefined;
  /**
   * The keys of the issuer, read again where they lack the one that is looked for; undefined where nobody says where
   * they are. OpenID Connect Core §3.1.3.7 lets what came from the token endpoint itself, over TLS, go without.
   */
  readonly keys: ((isUnknown: boolean) => Promise<IssuerKeys>) | undefined;
  /** When the tokens were asked for: an answer that is read again later does not expire meanwhile. */
  readonly at: Date;
}

/** Clocks differ, seconds. */
const leewaySeconds = 60;

const sharedSecretAlgorithms = ['HS256', 'HS384', 'HS512'];

/**
 * The claims of an ID token, after the checks of OpenID Connect Core §3.1.3.7 that a code flow needs. No nonce is sent,
 * so none is compared.
 * @throws Error that says what is wrong with it, and nothing of what is in it
 */
export async function checkedClaims(idToken: string, checks: IdTokenChecks): Promise<JWTPayload> {
  const { clientId, issuer, at } = checks;
  await checkSignature(idToken, checks);
  const claims = decodeJwt(idToken);
  const audiences = [claims.aud].flat();
  const nowSeconds = at.getTime() / 1_000;
  if (issuer !== undefined && claims.iss !== issuer) throw wrong('it names another issuer');
  if (!audiences.includes(clientId)) throw wrong('it is for another client');
  const { azp } = claims;
  if (azp === undefined ? audiences.length > 1 : azp !== clientId)
    throw wrong('it does not name this client as the authorized party');
  if (typeof claims.exp !== 'number' || claims.exp + leewaySeconds <= nowSeconds)
    throw wrong('it has expired');
  if (typeof claims.nbf === 'number' && claims.nbf - leewaySeconds > nowSeconds)
    throw wrong('it is not valid yet');
  return claims;
}

async function checkSignature(idToken: string, { keys, clientSecret }: IdTokenChecks): Promise<void> {
  const { alg = '' } = readHeader(idToken);
  if (sharedSecretAlgorithms.includes(alg)) {
    if (!clientSecret) throw wrong('it is signed by a secret that this client does not have');
    await verify(idToken, createSecretKey(Buffer.from(clientSecret)), alg);
    return;
  }
  const isAsymmetric = signingAlgorithms.some((one) => one === alg);
  if (!isAsymmetric) throw wrong('its algorithm is not allowed');
  if (!keys) return;
  try {
    await compactVerify(idToken, await keys(false), { algorithms: [alg] });
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey))
      throw error instanceof errors.JOSEError ? unsigned() : error;
    await verify(idToken, await keys(true), alg);
  }
}

async function verify(idToken: string, key: Parameters<typeof compactVerify>[1] | IssuerKeys, alg: string) {
  try {
    await compactVerify(idToken, key as IssuerKeys, { algorithms: [alg] });
  } catch {
    throw unsigned();
  }
}

function readHeader(idToken: string): { readonly alg?: string } {
  try {
    return decodeProtectedHeader(idToken);
  } catch {
    throw wrong('it is no JWT');
  }
}

function unsigned(): Error {
  return wrong('its signature does not fit the keys of the issuer');
}

function wrong(reason: string): Error {
  return new Error(`The ID token is refused: ${reason}.`);
}
