import { Injectable } from '@nestjs/common';
import { bodyClient, readTokenEndpointResponse, TokenEndpointClient } from '#oauth-http';
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
import { dialect } from './net2phone-canada.errors.js';
import { credentialSchema, settingsSchema } from './net2phone-canada.schemas.js';

const id = 'net2phone-canada';

/** Vendor page "Client-Credentials Grant". The trailing slash belongs to it: without, a redirect loses the body. */
const tokenUrl = 'https://integrate.versature.com/api/oauth/token/';

const ninetyDaysSeconds = 7_776_000;

/** Net2Phone Canada (Versature): one company's access by client credentials. */
@Injectable()
export class Net2phoneCanadaAdapter implements TokenProvider {
  readonly descriptor: ProviderDescriptor = {
    id,
    name: 'Net2Phone Canada',
    documentationUrl: 'https://developer.net2phone.ca/authentication',
    grants: ['client_credentials'],
    lifetimes: {
      accessTokenSeconds: dialect.assumedLifetimeSeconds,
      refreshTokenSeconds: ninetyDaysSeconds,
      authorizationCodeSeconds: 60,
    },
    credentialSchema,
    settingsSchema,
    rotation: 'none',
    renewalInvalidatesPrevious: false,
    cibaReissue: false,
  };

  constructor(private readonly http: TokenEndpointClient) {}

  async sendTokenRequest(
    client: ProviderClient,
    grant: TokenGrant,
    call: ProviderCall,
  ): Promise<RawResponse> {
    if (grant.type !== 'client_credentials') {
      throw new UpstreamError('unsupported_grant_type', false, 'This provider has client credentials only.');
    }
    return this.http.post(
      {
        providerId: id,
        url: tokenUrl,
        // No `scope`: what the answer calls so is the name of a role, given by the dashboard.
        form: { grant_type: 'client_credentials', ...bodyClient(client.clientId, client.secret.value) },
        repeatable: true,
      },
      call,
    );
  }

  readTokenResponse(response: RawResponse, context: TokenResponseContext): TokenOutcome {
    return readTokenEndpointResponse(response, { ...dialect, context });
  }
}
