import type { IssuerMetadata, IssuerMetadataClient, MetadataEndpoint } from '#oauth-http';
import {
  type CallbackIssuer,
  type ClientSecret,
  type ProviderCall,
  type TokenGrant,
  UpstreamError,
} from '#provider-kit';
import type { ClientAuthMethod } from './client-auth.schemas.js';
import type { GenericOauth2Settings } from './generic-oauth2.schemas.js';

/** By the secret that the client has; the first one is taken where the metadata says nothing. */
const methodsOf = {
  client_secret: ['client_secret_basic', 'client_secret_post', 'client_secret_jwt'],
  private_key: ['private_key_jwt'],
  none: ['none'],
} as const satisfies Record<ClientSecret['kind'], readonly [ClientAuthMethod, ...ClientAuthMethod[]]>;

/** Where one server is, for one call: an endpoint given in the settings goes before the discovered one. */
export class ServerEndpoints {
  constructor(
    private readonly providerId: string,
    private readonly issuers: IssuerMetadataClient,
    private readonly settings: GenericOauth2Settings,
    private readonly call: ProviderCall,
  ) {}

  /** @throws UpstreamError, unsent, when discovery fails or nobody names it */
  async find(name: MetadataEndpoint): Promise<string> {
    const endpoint = await this.findIfNamed(name);
    if (endpoint !== undefined) return endpoint;
    throw new UpstreamError('invalid_request', false, `Neither settings nor metadata name a ${name}.`);
  }

  /**
   * @returns undefined when nobody names it
   * @throws UpstreamError, unsent, when discovery fails
   */
  async findIfNamed(name: MetadataEndpoint): Promise<string | undefined> {
    return this.settings[name] ?? (await this.metadata())?.endpoint(name, showsCertificate(this.settings));
  }

  /** Where a grant is sent: refresh tokens have an address of their own with some servers. */
  async forGrant(type: TokenGrant['type']): Promise<string> {
    const { refresh_endpoint: refresh } = this.settings;
    return type === 'refresh_token' && refresh !== undefined ? refresh : this.find('token_endpoint');
  }

  /**
   * For whom a client assertion is meant.
   * @param url where the request goes
   */
  async assertionAudience(url: string): Promise<string> {
    const { issuer, client_assertion_audience: wanted } = this.settings;
    if (wanted === 'endpoint') return url;
    return wanted === 'issuer' && issuer !== undefined ? issuer : this.find('token_endpoint');
  }

  /**
   * How the client authenticates where the settings say nothing: HTTP Basic, which every server must take (RFC 6749
   * §2.3.1), unless the metadata leaves it out and offers another method that this kind of secret can do.
   */
  async clientAuth(kind: ClientSecret['kind']): Promise<ClientAuthMethod> {
    const isDiscovered = this.settings.token_endpoint === undefined;
    const offered = isDiscovered ? ((await this.metadata())?.clientAuthMethods ?? []) : [];
    const possible = methodsOf[kind];
    return possible.find((method) => offered.includes(method)) ?? possible[0];
  }

  /** RFC 9207 §2.4. */
  async callbackIssuer(): Promise<CallbackIssuer | null> {
    const { issuer, authorization_response_iss_parameter_supported: said } = this.settings;
    if (issuer === undefined) return null;
    const promised = said ?? (await this.metadata())?.namesIssuerInCallback;
    return { issuer, isPromised: promised ?? false };
  }

  private async metadata(): Promise<IssuerMetadata | undefined> {
    const { issuer } = this.settings;
    return issuer === undefined ? undefined : this.issuers.discover(this.providerId, issuer, this.call);
  }
}

function showsCertificate({
  client_auth,
  client_auth_by_grant: byGrant = {},
}: GenericOauth2Settings): boolean {
  return [client_auth, ...Object.values(byGrant)].includes('tls_client_auth');
}
