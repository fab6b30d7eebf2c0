import { Injectable } from '@nestjs/common';
import {
  bodyClient,
  formEncodedBasic,
  IssuerMetadataClient,
  readTokenEndpointResponse,
  TokenEndpointClient,
} from '#oauth-http';
import {
  type ProviderCall,
  type ProviderClient,
  type ProviderDescriptor,
  type RawResponse,
  type TokenGrant,
  type TokenOutcome,
  type TokenProvider,
  type TokenResponseContext,
  UpstreamError,
} from '#provider-kit';
import { dialect } from './generic-oauth2.errors.js';
import { credentialSchema, type GenericOauth2Settings, settingsSchema } from './generic-oauth2.schemas.js';

const id = 'generic-oauth2';

/** Any server that keeps to RFC 6749, by configuration or discovery. */
@Injectable()
export class GenericOauth2Adapter implements TokenProvider {
  readonly descriptor: ProviderDescriptor = {
    id,
    name: 'OAuth 2.0 / OpenID Connect server',
    documentationUrl: 'https://www.rfc-editor.org/rfc/rfc6749',
    grants: ['client_credentials'],
    lifetimes: {
      accessTokenSeconds: dialect.assumedLifetimeSeconds,
      refreshTokenSeconds: null,
      authorizationCodeSeconds: null,
    },
    credentialSchema,
    settingsSchema,
    rotation: 'strict',
    renewalInvalidatesPrevious: false,
    cibaReissue: false,
  };

  constructor(
    private readonly http: TokenEndpointClient,
    private readonly issuers: IssuerMetadataClient,
  ) {}

  /** @throws UpstreamError also, and then unsent, when discovery fails */
  async sendTokenRequest(
    client: ProviderClient,
    grant: TokenGrant,
    call: ProviderCall,
  ): Promise<RawResponse> {
    if (grant.type !== 'client_credentials') {
      throw new UpstreamError('unsupported_grant_type', false, 'Only client credentials are offered here.');
    }
    const settings = settingsSchema.parse(client.settings);
    const authentication = authenticate(client, settings);
    const url = await this.tokenEndpoint(settings, call);
    return this.http.post(
      {
        providerId: id,
        url,
        form: {
          grant_type: 'client_credentials',
          scope: grant.scope,
          resource: settings.resource,
          audience: settings.audience,
          ...authentication.form,
        },
        ...authentication.header,
        repeatable: true,
      },
      call,
    );
  }

  readTokenResponse(response: RawResponse, context: TokenResponseContext): TokenOutcome {
    return readTokenEndpointResponse(response, { ...dialect, context });
  }

  private async tokenEndpoint(settings: GenericOauth2Settings, call: ProviderCall): Promise<string> {
    if (settings.token_endpoint !== undefined) return settings.token_endpoint;
    const metadata = await this.issuers.discover(id, settings.issuer ?? '', call);
    if (metadata.token_endpoint !== undefined) return metadata.token_endpoint;
    throw new UpstreamError('discovery_failed', false, "The issuer's metadata names no token endpoint.");
  }
}

/** RFC 6749 §2.3.1; `none` is §3.2.1, where the identifier alone goes into the body. */
function authenticate(client: ProviderClient, settings: GenericOauth2Settings) {
  const { clientId, secret } = client;
  if (settings.client_auth === 'none') return { form: { client_id: clientId }, header: {} };
  if (secret.kind !== 'client_secret') {
    throw new UpstreamError('invalid_client', false, `${settings.client_auth} needs a client_secret.`);
  }
  return settings.client_auth === 'client_secret_post'
    ? { form: bodyClient(clientId, secret.value), header: {} }
    : { form: {}, header: { authorization: formEncodedBasic(clientId, secret.value) } };
}
