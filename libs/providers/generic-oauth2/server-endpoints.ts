import type { IssuerMetadata, IssuerMetadataClient } from '#oauth-http';
import { type ProviderCall, type TokenGrant, UpstreamError } from '#provider-kit';
import type { GenericOauth2Settings } from './generic-oauth2.schemas.js';

type EndpointName = Exclude<
  Extract<keyof IssuerMetadata & keyof GenericOauth2Settings, `${string}_endpoint`>,
  'refresh_endpoint'
>;

/** Where one server is, for one call: an endpoint given in the settings goes before the discovered one. */
export class ServerEndpoints {
  constructor(
    private readonly providerId: string,
    private readonly issuers: IssuerMetadataClient,
    private readonly settings: GenericOauth2Settings,
    private readonly call: ProviderCall,
  ) {}

  /** @throws UpstreamError, unsent, when discovery fails or nobody names it */
  async find(name: EndpointName): Promise<string> {
    const endpoint = this.settings[name] ?? (await this.metadata())?.[name];
    if (endpoint !== undefined) return endpoint;
    throw new UpstreamError('invalid_request', false, `Neither settings nor metadata name a ${name}.`);
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

  /** RFC 9207 §2.4: whether, and with which value, callbacks must name the issuer. */
  async callbackIssuer(): Promise<string | null> {
    const { issuer, authorization_response_iss_parameter_supported: said } = this.settings;
    if (issuer === undefined || said === false) return null;
    const promised = said ?? (await this.metadata())?.authorization_response_iss_parameter_supported;
    return promised ? issuer : null;
  }

  private async metadata(): Promise<IssuerMetadata | undefined> {
    const { issuer } = this.settings;
    return issuer === undefined ? undefined : this.issuers.discover(this.providerId, issuer, this.call);
  }
}
