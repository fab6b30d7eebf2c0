import { Injectable } from '@nestjs/common';
import {
  bodyClient,
  codeFlowSettingsChangedWithoutSecret,
  readTokenEndpointResponse,
  TokenEndpointClient,
} from '#oauth-http';
import {
  type AuthorizationCodeFlow,
  type ProviderCall,
  type ProviderClient,
  type ProviderDescriptor,
  type RawResponse,
  type TokenGrant,
  type TokenOutcome,
  type TokenProvider,
  type TokenResponseContext,
  tokenRequestForm,
} from '#provider-kit';
import { dialect } from './net2phone-canada.dialect.js';
import { credentialSchema, settingsSchema } from './net2phone-canada.schemas.js';

const id = 'net2phone-canada';

const origin = 'https://integrate.versature.com';

/** Vendor page, both grants. The trailing slash belongs to it: without, a redirect loses the body. */
const tokenUrl = `${origin}/api/oauth/token/`;

const ninetyDaysSeconds = 7_776_000;

/** Net2Phone Canada (Versature): one company's access by client credentials, one user's by authorization code. */
@Injectable()
export class Net2phoneCanadaAdapter implements TokenProvider {
  readonly descriptor: ProviderDescriptor = {
    id,
    name: 'Net2Phone Canada',
    documentationUrl: 'https://developer.net2phone.ca/authentication',
    origin,
    grants: ['client_credentials', 'authorization_code', 'refresh_token'],
    lifetimes: {
      accessTokenSeconds: dialect.assumedLifetimeSeconds,
      refreshTokenSeconds: ninetyDaysSeconds,
      authorizationCodeSeconds: 60,
    },
    credentialSchema,
    settingsSchema,
    settingsChangedWithoutSecret: codeFlowSettingsChangedWithoutSecret,
    rotation: 'none',
    renewalInvalidatesPrevious: false,
    cibaReissue: false,
  };

  constructor(private readonly http: TokenEndpointClient) {}

  readonly authorizationCode: AuthorizationCodeFlow = {
    bindsBrowser: true,
    // Vendor page "The Authorization Endpoint", whose two examples differ in the path.
    begin: async ({ clientId, settings }, { redirectUri, state }) => ({
      kind: 'redirect',
      authorizationUrl: this.http.browserUrl(
        { providerId: id, url: origin + settingsSchema.parse(settings).authorize_path },
        { response_type: 'code', client_id: clientId, redirect_uri: redirectUri, state },
      ),
    }),
  };

  async sendTokenRequest(
    client: ProviderClient,
    grant: TokenGrant,
    call: ProviderCall,
  ): Promise<RawResponse> {
    return this.http.post(
      {
        providerId: id,
        url: tokenUrl,
        form: {
          ...tokenRequestForm(grant),
          // The scope of an answer is the name of a role, given by the dashboard: never sent back.
          scope: undefined,
          code_verifier: undefined,
          ...clientFields(client, grant),
        },
        repeatable: grant.type === 'client_credentials',
      },
      call,
    );
  }

  readTokenResponse(response: RawResponse, context: TokenResponseContext): TokenOutcome {
    return readTokenEndpointResponse(response, { ...dialect, context });
  }
}

/** The vendor's own client refreshes by its identifier alone. */
function clientFields({ clientId, secret, settings }: ProviderClient, grant: TokenGrant) {
  const idOnly =
    grant.type === 'refresh_token' && settingsSchema.parse(settings).refresh_client_auth === 'id_only';
  return idOnly ? { client_id: clientId } : bodyClient(clientId, secret.value);
}
