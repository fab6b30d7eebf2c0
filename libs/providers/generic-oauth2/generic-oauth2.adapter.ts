import { Injectable } from '@nestjs/common';
import {
  assertRevoked,
  IssuerKeysClient,
  IssuerMetadataClient,
  readBackchannelResponse,
  readDeviceAuthorization,
  readTokenEndpointResponse,
  revocationForm,
  TokenEndpointClient,
} from '#oauth-http';
import {
  type Account,
  type AuthorizationCodeFlow,
  type BackchannelFlow,
  type ConnectionIdentity,
  type Form,
  grantTraits,
  type ProbedGrant,
  type ProbeOutcome,
  type ProviderCall,
  type ProviderClient,
  type ProviderDescriptor,
  type ProviderSettings,
  type RawResponse,
  type RotationMode,
  type TokenGrant,
  type TokenOutcome,
  type TokenProvider,
  type TokenResponseContext,
  type TokenSet,
  type TokenTypeHint,
  UpstreamError,
} from '#provider-kit';
import { AccountLookup } from './account-lookup.js';
import { findMisfit } from './client-fit.js';
import { dialectOf } from './generic-oauth2.dialect.js';
import {
  authorizationParameters,
  backchannelForm,
  deviceForm,
  headersOf,
  tokenForm,
} from './generic-oauth2.requests.js';
import {
  credentialSchema,
  resolveSettings,
  settingsChangedWithoutSecret,
  settingsSchema,
} from './generic-oauth2.schemas.js';
import { GrantProbe } from './grant-probe.js';
import { presets } from './presets.js';
import { authenticationFor, authenticationOrAssertion } from './request-authentication.js';
import { ServerEndpoints } from './server-endpoints.js';

const id = 'generic-oauth2';

/** Any server that keeps to RFC 6749, and most that nearly do, by configuration or discovery. */
@Injectable()
export class GenericOauth2Adapter implements TokenProvider {
  readonly descriptor: ProviderDescriptor = {
    id,
    name: 'OAuth 2.0 / OpenID Connect server',
    documentationUrl: 'https://www.rfc-editor.org/rfc/rfc6749',
    grants: [
      ...(['client_credentials', 'authorization_code', 'password', 'ciba', 'refresh_token'] as const),
      ...(['device_code', 'jwt_bearer'] as const),
    ],
    lifetimes: { accessTokenSeconds: null, refreshTokenSeconds: null, authorizationCodeSeconds: null },
    credentialSchema,
    settingsSchema,
    settingsChangedWithoutSecret,
    presets: [...presets.values()],
    rotation: 'strict',
    renewalInvalidatesPrevious: false,
    cibaReissue: false,
  };

  private readonly accounts: AccountLookup;

  constructor(
    private readonly http: TokenEndpointClient,
    private readonly issuers: IssuerMetadataClient,
  ) {
    this.accounts = new AccountLookup(http, new IssuerKeysClient(http));
  }

  readonly authorizationCode: AuthorizationCodeFlow = {
    bindsBrowser: true,
    begin: async (client, request, call) => {
      const { settings, endpoints } = this.server(client, call);
      const url = await endpoints.find('authorization_endpoint');
      const parameters = authorizationParameters(client.clientId, request, settings);
      return {
        kind: 'redirect',
        authorizationUrl: this.http.browserUrl({ providerId: id, url }, parameters),
      };
    },
    callbackFields: (settings) => resolveSettings(settings).callback_fields ?? [],
    callbackIssuer: (client, call) => this.server(client, call).endpoints.callbackIssuer(),
  };

  readonly backchannel: BackchannelFlow = {
    begin: async (client, request, call) => {
      const { settings, endpoints } = this.server(client, call);
      const isDevice = request.grant === 'device_code';
      const url = await endpoints.find(
        isDevice ? 'device_authorization_endpoint' : 'backchannel_authentication_endpoint',
      );
      const proof = await authenticationFor(client, request.grant, url, endpoints, this.http.clock);
      const asked = isDevice
        ? deviceForm(client.clientId, request, settings)
        : backchannelForm(request, settings);
      const form = { ...asked, ...proof.form };
      const response = await this.http.post(
        { providerId: id, url, form, ...headersOf(settings, proof) },
        call,
      );
      const profile = { ...dialectOf(settings), context: { grant: request.grant, client } };
      if (isDevice) return readDeviceAuthorization(response, profile);
      return readBackchannelResponse(response, { ...profile, assumedRequestSeconds: null });
    },
  };

  /** @throws UpstreamError also, and then unsent, when discovery fails */
  async sendTokenRequest(
    client: ProviderClient,
    grant: TokenGrant,
    call: ProviderCall,
  ): Promise<RawResponse> {
    const { settings, endpoints } = this.server(client, call);
    if (grant.type === 'password' && !settings.allow_password_grant) {
      throw new UpstreamError('unsupported_grant_type', false, 'settings.allow_password_grant is not true.');
    }
    const url = await endpoints.forGrant(grant.type);
    const proof = await authenticationOrAssertion(client, grant, url, endpoints, this.http.clock);
    const fields = { ...tokenForm(grant, settings), ...proof.form };
    const body = settings.token_request_format === 'json' ? { json: fields } : { form: fields };
    const repeatable = grantTraits[grant.type].owner === 'client';
    return this.http.post({ providerId: id, url, ...body, ...headersOf(settings, proof), repeatable }, call);
  }

  readTokenResponse(response: RawResponse, context: TokenResponseContext): TokenOutcome {
    const dialect = dialectOf(resolveSettings(context.client.settings));
    return readTokenEndpointResponse(response, { ...dialect, context });
  }

  findAccount(
    client: ProviderClient,
    tokens: TokenSet,
    sentAt: Date,
    call: ProviderCall,
  ): Promise<Account | null> {
    const server = this.server(client, call);
    return this.accounts.find({ providerId: id, client, tokens, sentAt, call, ...server });
  }

  exclusiveKey(
    { clientId, settings }: Pick<ProviderClient, 'clientId' | 'settings'>,
    { subject, scope }: ConnectionIdentity,
  ): string | null {
    const server = resolveSettings(settings);
    if (!server.one_token_per_user || subject === null) return null;
    const scopes = [...new Set((scope ?? server.default_scope ?? '').split(' '))].sort().join(' ');
    return JSON.stringify([server.issuer ?? server.token_endpoint, clientId, subject, scopes]);
  }

  /** The preset stays in: what it says can change with it. */
  effectiveSettings(settings: ProviderSettings): ProviderSettings {
    return { ...resolveSettings(settings), preset: settings['preset'] };
  }

  readonly findMisfit = findMisfit;

  rotation(settings: ProviderSettings): RotationMode {
    return resolveSettings(settings).rotation;
  }

  renewalLeadSeconds(settings: ProviderSettings): number | null {
    return resolveSettings(settings).renewal_lead_seconds ?? null;
  }

  upstream(settings: ProviderSettings): string {
    const { token_endpoint, issuer } = resolveSettings(settings);
    const url = token_endpoint ?? issuer ?? '';
    return URL.canParse(url) ? `${id}/${new URL(url).host}` : id;
  }

  async revoke(
    client: ProviderClient,
    token: string,
    hint: TokenTypeHint,
    call: ProviderCall,
  ): Promise<boolean> {
    const { settings, endpoints } = this.server(client, call);
    const url = await endpoints.findIfNamed('revocation_endpoint');
    if (url === undefined) return false;
    const response = await this.postAsClient(client, url, revocationForm(token, hint), call);
    assertRevoked(response, { ...dialectOf(settings), context: { grant: 'refresh_token', client } });
    return true;
  }

  probe(client: ProviderClient, grant: ProbedGrant, call: ProviderCall): Promise<ProbeOutcome> {
    const post = (url: string, fields: Form) => this.postAsClient(client, url, fields, call);
    const get = (url: string, authorization: string, headers: Readonly<Record<string, string>>) =>
      this.http.getWithToken({ providerId: id, url, authorization, headers }, call);
    return new GrantProbe({ post, get }, client, grant, this.server(client, call)).run();
  }

  /** Posts to an endpoint that is no token endpoint, and at which the client proves itself all the same. */
  private async postAsClient(
    client: ProviderClient,
    url: string,
    fields: Form,
    call: ProviderCall,
  ): Promise<RawResponse> {
    const { settings, endpoints } = this.server(client, call);
    const proof = await authenticationFor(client, null, url, endpoints, this.http.clock);
    const form = { ...fields, ...proof.form };
    return this.http.post({ providerId: id, url, form, ...headersOf(settings, proof) }, call);
  }

  private server(client: Pick<ProviderClient, 'settings'>, call: ProviderCall) {
    const settings = resolveSettings(client.settings);
    return { settings, endpoints: new ServerEndpoints(id, this.issuers, settings, call) };
  }
}
