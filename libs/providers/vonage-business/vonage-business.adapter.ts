import { Injectable } from '@nestjs/common';
import {
  assertRevoked,
  bodyClient,
  codeFlowSettingsChangedWithoutSecret,
  rawBasic,
  readTokenEndpointResponse,
  revocationForm,
  TokenEndpointClient,
} from '#oauth-http';
import {
  type AuthorizationCodeFlow,
  type ConnectionIdentity,
  type ProviderCall,
  type ProviderClient,
  type ProviderDescriptor,
  type RawResponse,
  type TokenGrant,
  type TokenOutcome,
  type TokenProvider,
  type TokenResponseContext,
  type TokenTypeHint,
  tokenRequestForm,
  UpstreamError,
} from '#provider-kit';
import { vbcUser, vbcUsername } from './vbc-user.js';
import { dialect, refreshDialect } from './vonage-business.dialect.js';
import { credentialSchema, passwordFields, settingsSchema } from './vonage-business.schemas.js';

const id = 'vonage-business';
const origin = 'https://api.vonage.com';

/** Vendor page "Authenticating with Authorization Code Grant". It shows no `state`; one is sent all the same. */
const authorizeUrl = `${origin}/authorize`;

/** Vendor page, the same section and "Authenticating with Password Grant", "Using the Refresh Token". */
const tokenUrl = `${origin}/token`;

/** The only scope on the vendor's page. */
const defaultScope = 'openid';

const sevenDaysSeconds = 604_800;

/**
 * Vonage Business Communications (VBC), one user's access. Behind it is WSO2's API manager, with one live token per
 * (client, user, scope): asking again returns the same one or kills it, so connections must not share the three.
 */
@Injectable()
export class VonageBusinessAdapter implements TokenProvider {
  readonly descriptor: ProviderDescriptor = {
    id,
    name: 'Vonage Business Communications',
    documentationUrl: 'https://vbcdeveloper.vonage.com/getting-started/create-an-access-token',
    origin,
    grants: ['authorization_code', 'password', 'refresh_token'],
    lifetimes: {
      accessTokenSeconds: dialect.assumedLifetimeSeconds,
      refreshTokenSeconds: sevenDaysSeconds,
      authorizationCodeSeconds: null,
    },
    credentialSchema,
    settingsSchema,
    settingsChangedWithoutSecret: codeFlowSettingsChangedWithoutSecret,
    grantFields: { password: passwordFields },
    rotation: 'strict',
    renewalInvalidatesPrevious: true,
    cibaReissue: false,
  };

  constructor(private readonly http: TokenEndpointClient) {}

  readonly authorizationCode: AuthorizationCodeFlow = {
    bindsBrowser: true,
    begin: async ({ clientId }, { redirectUri, scope, state }) => ({
      kind: 'redirect',
      authorizationUrl: this.http.browserUrl(
        { providerId: id, url: authorizeUrl },
        {
          scope: scope ?? defaultScope,
          response_type: 'code',
          redirect_uri: redirectUri,
          client_id: clientId,
          state,
        },
      ),
    }),
  };

  async sendTokenRequest(
    client: ProviderClient,
    grant: TokenGrant,
    call: ProviderCall,
  ): Promise<RawResponse> {
    const { clientId, secret } = client;
    const target = { providerId: id, url: tokenUrl };
    switch (grant.type) {
      case 'authorization_code':
        return this.http.post(
          {
            ...target,
            form: { ...tokenRequestForm(grant), code_verifier: undefined },
            authorization: rawBasic(clientId, secret.value),
          },
          call,
        );
      case 'password': {
        const { scope = defaultScope, username } = grant;
        const asked = { ...grant, scope, username: vbcUsername(username) };
        const form = { ...tokenRequestForm(asked), ...bodyClient(clientId, secret.value) };
        return this.http.post({ ...target, form }, call);
      }
      case 'refresh_token': {
        // The page shows no scope here; the one of the grant stays.
        const form = { ...tokenRequestForm(grant), scope: undefined, ...bodyClient(clientId, secret.value) };
        return this.http.post({ ...target, form }, call);
      }
      default:
        throw new UpstreamError('unsupported_grant_type', false, 'Every token here is for one user.');
    }
  }

  readTokenResponse(response: RawResponse, context: TokenResponseContext): TokenOutcome {
    const spoken = context.grant === 'refresh_token' ? refreshDialect : dialect;
    return readTokenEndpointResponse(response, { ...spoken, context });
  }

  /** Null for a user nobody has named: only the provider will know who it is. */
  exclusiveKey(
    { clientId }: Pick<ProviderClient, 'clientId'>,
    { subject, scope }: ConnectionIdentity,
  ): string | null {
    if (subject === null) return null;
    const scopes = [...new Set((scope ?? defaultScope).split(' '))].sort().join(' ');
    return JSON.stringify([clientId, vbcUser(subject), scopes]);
  }

  async revoke(
    client: ProviderClient,
    token: string,
    hint: TokenTypeHint,
    call: ProviderCall,
  ): Promise<boolean> {
    const { revocation_path: path } = settingsSchema.parse(client.settings);
    if (path === undefined) return false;
    const response = await this.http.post(
      {
        providerId: id,
        url: origin + path,
        form: revocationForm(token, hint),
        authorization: rawBasic(client.clientId, client.secret.value),
      },
      call,
    );
    assertRevoked(response, { ...dialect, context: { grant: 'refresh_token', client } });
    return true;
  }
}
