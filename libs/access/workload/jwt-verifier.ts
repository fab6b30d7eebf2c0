import { Inject, Injectable } from '@nestjs/common';
import { decodeJwt, decodeProtectedHeader, errors, type JWTHeaderParameters, jwtVerify } from 'jose';
import { InjectSettings, type Settings } from '#config';
import { GuardedHttpClient } from '#egress';
import { CLOCK, type Clock } from '#provider-kit';
import type { Claims } from './claim-match.js';
import { IssuerKeys } from './issuer-keys.js';
import { KeyReader, type ListedIssuer } from './key-reader.js';

/** Of the whole JWT, characters. */
const longestJwt = 16_384;
/** Between the clock of an issuer and ours. */
const leewaySeconds = 60;
export const workloadAlgorithms: readonly string[] =
  'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ');
/** RFC 8725 §3.11: what an issuer signs for another purpose, such as a logout or a security event, says so. */
const types = ['jwt', 'jose', 'at+jwt'];

export interface VerifiedJwt {
  readonly issuer: ListedIssuer;
  readonly claims: Claims & { readonly exp: number };
  /** Milliseconds until it is refused, leeway included. */
  readonly endsInMs: number;
}

/** Whether a bearer is a JWT by its form, rather than a key. */
export function isJwt(bearer: string): boolean {
  if (bearer.length > longestJwt || !/^[\w-]+\.[\w-]+\.[\w-]*$/.test(bearer)) return false;
  return headerOf(bearer) !== undefined;
}

/** Which JWTs are what an issuer listed in `GRANTKEEPER_JWT_ISSUERS` has signed. */
@Injectable()
export class JwtVerifier {
  private readonly issuers: ReadonlyMap<string, { listed: ListedIssuer; keys: IssuerKeys }>;

  constructor(
    http: GuardedHttpClient,
    @InjectSettings() settings: Settings,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    const reader = new KeyReader(http, clock, settings.upstreamTimeoutMs);
    this.issuers = new Map(
      settings.jwtIssuers.map((listed) => {
        const keys = new IssuerKeys(listed.issuer, () => reader.read(listed), clock);
        return [listed.issuer, { listed, keys }];
      }),
    );
  }

  isListed(issuer: string): boolean {
    return this.issuers.has(issuer);
  }

  /**
   * Whom a JWT is for is not looked at here: that is for what it is bound by to say.
   * @returns undefined for one that no listed issuer has signed, or that is not good now
   * @throws AccessError `issuer_unavailable`
   */
  async verify(jwt: string): Promise<VerifiedJwt | undefined> {
    const header = jwt.length > longestJwt ? undefined : headerOf(jwt);
    const issuer = header && isUsual(header) ? this.issuers.get(issuerOf(jwt) ?? '') : undefined;
    if (!header || !issuer) return undefined;
    for (const key of await issuer.keys.candidates(header)) {
      try {
        const now = this.clock.now();
        const { payload } = await jwtVerify(jwt, key, {
          algorithms: [...workloadAlgorithms],
          issuer: issuer.listed.issuer,
          requiredClaims: ['exp'],
          clockTolerance: leewaySeconds,
          currentDate: now,
        });
        const { exp = 0 } = payload;
        const endsInMs = (exp + leewaySeconds) * 1_000 - now.getTime();
        return { issuer: issuer.listed, claims: { ...payload, exp }, endsInMs };
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) return undefined;
      }
    }
    return undefined;
  }
}

/** Nothing that must be understood to read it (RFC 7515 §4.1.11), and signed in a way that takes a private key. */
function isUsual({ alg, typ, crit }: JWTHeaderParameters): boolean {
  const type = typ === undefined ? 'jwt' : typeof typ === 'string' ? typ.toLowerCase() : '';
  return (
    crit === undefined &&
    workloadAlgorithms.includes(alg) &&
    types.includes(type.replace(/^application\//, ''))
  );
}

function headerOf(jwt: string): JWTHeaderParameters | undefined {
  try {
    const { alg, ...header } = decodeProtectedHeader(jwt);
    return typeof alg === 'string' ? { ...header, alg } : undefined;
  } catch {
    return undefined;
  }
}

function issuerOf(jwt: string): string | undefined {
  try {
    const { iss } = decodeJwt(jwt);
    return typeof iss === 'string' ? iss : undefined;
  } catch {
    return undefined;
  }
}
