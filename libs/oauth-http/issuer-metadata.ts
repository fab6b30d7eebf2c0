import { UpstreamError } from '#provider-kit';
import { isObject, parseObject } from './answer-body.js';

/** The members of RFC 8414 §2 and OpenID Connect that hold an address. */
export type MetadataEndpoint =
  | 'token_endpoint'
  | 'authorization_endpoint'
  | 'backchannel_authentication_endpoint'
  | 'revocation_endpoint'
  | 'device_authorization_endpoint'
  | 'introspection_endpoint'
  | 'introspection_endpoint'
  | 'userinfo_endpoint'
  | 'jwks_uri';

/** One metadata document of an issuer. A member is looked at only when it is needed: a broken one harms nothing else. */
export class IssuerMetadata {
  private constructor(
    /** Where it was read. */
    private readonly document: string,
    private readonly members: Readonly<Record<string, unknown>>,
  ) {}

  /**
   * @param document its address, for the words of an error
   * @throws UpstreamError `discovery_failed` when it is not the metadata of this issuer (RFC 8414 §3.3)
   */
  static read(body: string, document: string, issuer: string): IssuerMetadata {
    const members = parseObject(body);
    if (!members) throw discoveryFailed(`${document} is not a JSON object`);
    const named = members['issuer'];
    // Identical, character by character, or the document must not be used.
    if (named === issuer) return new IssuerMetadata(document, members);
    const isAddress = typeof named === 'string' && named.length <= 200 && URL.canParse(named);
    throw discoveryFailed(
      `${document} names ${isAddress ? named : 'another issuer'}, not ${issuer}`,
      'issuer',
    );
  }

  /**
   * @param showsCertificate whether the client shows one in the handshake, for which RFC 8705 §5 has other addresses
   * @returns undefined when the document does not name it
   * @throws UpstreamError `discovery_failed` when what it names is no address
   */
  endpoint(name: MetadataEndpoint, showsCertificate = false): string | undefined {
    const { mtls_endpoint_aliases: aliases } = this.members;
    const alias = showsCertificate && isObject(aliases) ? aliases[name] : undefined;
    const value = alias ?? this.members[name] ?? undefined;
    if (value === undefined || (typeof value === 'string' && URL.canParse(value))) return value;
    throw discoveryFailed(`${name} in ${this.document} is not an address`, name);
  }

  /** Methods of client authentication at the token endpoint; undefined where the document does not say. */
  get clientAuthMethods(): readonly unknown[] | undefined {
    const methods = this.members['token_endpoint_auth_methods_supported'];
    return Array.isArray(methods) && methods.length > 0 ? methods : undefined;
  }

  /** RFC 9207 §3. */
  get namesIssuerInCallback(): boolean {
    return this.members['authorization_response_iss_parameter_supported'] === true;
  }
}

export function discoveryFailed(reason: string, member?: string): UpstreamError {
  return new UpstreamError('discovery_failed', false, `Discovery failed: ${reason}.`, member);
}
