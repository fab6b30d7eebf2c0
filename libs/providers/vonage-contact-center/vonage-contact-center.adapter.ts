import { Injectable } from '@nestjs/common';
import { bodyClient, rawBasic, readTokenEndpointResponse, TokenEndpointClient } from '#oauth-http';
import {
  type ProviderCall,
  type ProviderClient,
  type ProviderDescriptor,
  type ProviderSettings,
  type RawResponse,
  type TokenGrant,
  type TokenOutcome,
  type TokenProvider,
  type TokenResponseContext,
  UpstreamError,
} from '#provider-kit';
import { dialect } from './vonage-contact-center.dialect.js';
import {
  credentialSchema,
  settingsSchema,
  type VonageContactCenterSettings,
} from './vonage-contact-center.schemas.js';

const id = 'vonage-contact-center';

/** Client credentials of Vonage Contact Center (NewVoiceMedia). There is no refresh token: renewing is asking again. */
@Injectable()
export class VonageContactCenterAdapter implements TokenProvider {
  readonly descriptor: ProviderDescriptor = {
    id,
    name: 'Vonage Contact Center',
    documentationUrl:
      'https://docs-vcc.atlassian.net/wiki/spaces/VCCA/pages/3566174935/Resources+Authentication+API',
    origin: 'https://{region}.cc.vonage.com',
    grants: ['client_credentials'],
    lifetimes: {
      accessTokenSeconds: dialect.assumedLifetimeSeconds,
      refreshTokenSeconds: null,
      authorizationCodeSeconds: null,
    },
    credentialSchema,
    settingsSchema,
    settingsChangedWithoutSecret: ['upstream_hosts'],
    rotation: 'none',
    renewalInvalidatesPrevious: false,
    cibaReissue: false,
  };

  constructor(private readonly http: TokenEndpointClient) {}

  /** @throws UpstreamError `invalid_scope`, unsent, when the current generation is asked without a scope */
  async sendTokenRequest(
    client: ProviderClient,
    grant: TokenGrant,
    call: ProviderCall,
  ): Promise<RawResponse> {
    if (grant.type !== 'client_credentials') {
      throw new UpstreamError('unsupported_grant_type', false, 'This provider has client credentials only.');
    }
    const settings = settingsSchema.parse(client.settings);
    const inBody = settings.client_auth === 'body';
    const secret = client.secret.value;
    return this.http.post(
      {
        providerId: id,
        url: tokenUrl(settings),
        form: {
          grant_type: 'client_credentials',
          ...(inBody ? bodyClient(client.clientId, secret) : {}),
          scope: scopeToSend(settings, grant.scope),
        },
        // Deviation from RFC 6749 §2.3.1: the pair is not form-encoded before base64.
        ...(inBody ? {} : { authorization: rawBasic(client.clientId, secret) }),
        repeatable: true,
      },
      call,
    );
  }

  readTokenResponse(response: RawResponse, context: TokenResponseContext): TokenOutcome {
    return readTokenEndpointResponse(response, { ...dialect, context });
  }

  upstream(settings: ProviderSettings): string {
    return `${id}/${settings['region']}`;
  }
}

/** Vendor pages "Getting a bearer access token" (legacy) and "Create bearer access token" (current). */
function tokenUrl({ region, auth_generation, version }: VonageContactCenterSettings): string {
  const path = auth_generation === 'current' ? 'Auth/connect/token' : `${version}/oauth2/token`;
  return `https://${region}.cc.vonage.com/${path}`;
}

/** The legacy page knows no `scope` and asks for `grant_type` alone; the current generation refuses to go without. */
function scopeToSend(settings: VonageContactCenterSettings, scope: string | undefined): string | undefined {
  if (settings.auth_generation === 'legacy') return undefined;
  if (!scope) throw new UpstreamError('invalid_scope', false, 'The current generation requires a scope.');
  return scope;
}
