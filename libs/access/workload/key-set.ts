import { type CryptoKey, createLocalJWKSet, errors, type JWK, type JWTHeaderParameters } from 'jose';

/** Without a `kid` each key that fits is tried, and no more than these. */
const mostCandidates = 16;

/** The public keys of an issuer (RFC 7517). */
export class KeySet {
  private readonly keyOf: ReturnType<typeof createLocalJWKSet>;

  private constructor(keys: JWK[]) {
    this.keyOf = createLocalJWKSet({ keys });
  }

  /** @throws Error when it is no set of keys */
  static read(body: string): KeySet {
    const { keys } = JSON.parse(body) as { keys?: unknown };
    if (!Array.isArray(keys)) throw new Error('it has no keys');
    return new KeySet(keys.filter(isKey).flatMap((key) => forSignatures(key)));
  }

  /** The keys that a JWT with this header may be signed with; of the header, `alg` and `kid` alone are looked at. */
  async candidates({ alg, kid }: JWTHeaderParameters): Promise<CryptoKey[]> {
    try {
      return [await this.keyOf(kid === undefined ? { alg } : { alg, kid })];
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return [];
      const found: CryptoKey[] = [];
      for await (const key of error) if (found.push(key) === mostCandidates) break;
      return found;
    }
  }
}

function isKey(value: unknown): value is JWK {
  return typeof value === 'object' && value !== null && typeof (value as JWK).kty === 'string';
}

/** A SPIFFE bundle marks the keys of JWTs as `jwt-svid` and puts those of certificates beside them. */
function forSignatures({ use, ...key }: JWK): JWK[] {
  return use === undefined || use === 'sig' || use === 'jwt-svid' ? [key] : [];
}
