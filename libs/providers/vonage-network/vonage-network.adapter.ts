import { Injectable } from '@nestjs/common';
import { readBackchannelResponse, readTokenEndpointResponse, TokenEndpointClient } from '#oauth-http';
import {
  type AuthorizationCodeFlow,
  type BackchannelFlow,
  type GrantFields,
  type GrantType,
  type ProviderCall,
  type ProviderClient,
  type ProviderDescriptor,
  type ProviderSettings,
  type RawResponse,
  type TokenGrant,
  type TokenOutcome,
  type TokenProvider,
  type TokenResponseContext,
  tokenRequestForm,
  UpstreamError,
} from '#provider-kit';
import { applicationBearer } from './application-jwt.js';
import { networkEnablementBody, readNetworkEnablement } from './network-enablement.js';
import { dialect, numberDialect } from './vonage-network.dialect.js';
import { backchannelUrl, networkEnablementUrl, tokenUrl } from './vonage-network.endpoints.js';
import {
  authorizationCodeFields,
  cibaFields,
  credentialSchema,
  hintFault,
  settingsChangedWithoutSecret,
  settingsSchema,
  type VonageNetworkSettings,
} from './vonage-network.schemas.js';

const id = 'vonage-network';

/** Of the two lives of a CIBA request that have been seen, 120 s and 300 s, the shorter. */
const assumedRequestSeconds = 120;

/**
 * Vonage Network APIs: a token for one phone number, by a code flow that begins at Network Enablement, or by CIBA.
 * The client is a Vonage application; there is no client secret anywhere.
 */
@Injectable()
export class VonageNetworkAdapter implements TokenProvider {
  readonly descriptor: ProviderDescriptor = {
    id,
    name: 'Vonage Network APIs',
    documentationUrl: 'https://developer.vonage.com/en/getting-started-network/guides/server-authentication',
    origin: 'https://api-{region}.vonage.com',
    grants: ['authorization_code', 'ciba'],
    lifetimes: {
      accessTokenSeconds: dialect.assumedLifetimeSeconds,
      refreshTokenSeconds: null,
      authorizationCodeSeconds: null,
    },
    credentialSchema,
    settingsSchema,
    settingsChangedWithoutSecret,
    grantFields: { authorization_code: authorizationCodeFields, ciba: cibaFields },
    subjectFields: { authorization_code: 'phone_number' },
    rotation: 'strict',
    renewalInvalidatesPrevious: false,
    cibaReissue: true,
  };

  constructor(private readonly http: TokenEndpointClient) {}

  readonly authorizationCode: AuthorizationCodeFlow = {
    // The phone opens the link over its carrier's network, in whatever browser: it may hold no cookie of ours.
    bindsBrowser: false,
    begin: async (client, request, call) => {
      const { scope } = request;
      if (scope === null) throw new UpstreamError('invalid_scope', false, 'This flow needs one scope.');
      const settings = settingsSchema.parse(client.settings);
      const response = await this.http.post(
        {
          providerId: id,
          url: networkEnablementUrl(settings),
          json: networkEnablementBody(request, settings),
          authorization: await applicationBearer(client, this.http.clock),
        },
        call,
      );
      const profile = { ...numberDialect, context: { grant: 'authorization_code', client } } as const;
      return readNetworkEnablement(response, scope, profile, (address) =>
        this.http.allowsBrowser(id, address),
      );
    },
  };

  readonly backchannel: BackchannelFlow = {
    begin: async (client, request, call) => {
      const settings = settingsSchema.parse(client.settings);
      const { login_hint_prefix: prefix } = settings;
      const hint = request.loginHint.replace(new RegExp(`^(?:${prefix || 'tel:'})`), '');
      const response = await this.http.post(
        {
          providerId: id,
          url: backchannelUrl(settings),
          form: {
            login_hint: prefix + hint,
            scope: withOpenid(request.scope),
          },
          authorization: await applicationBearer(client, this.http.clock),
        },
        call,
      );
      const context = { grant: 'ciba', client, sentSecrets: isLasting(prefix) ? [] : [hint] } as const;
      return readBackchannelResponse(response, { ...numberDialect, assumedRequestSeconds, context });
    },
  };

  async sendTokenRequest(
    client: ProviderClient,
    grant: TokenGrant,
    call: ProviderCall,
  ): Promise<RawResponse> {
    return this.http.post(
      {
        providerId: id,
        url: tokenUrl(settingsSchema.parse(client.settings)),
        // Begun at Network Enablement, the flow has no place for a code challenge, so there is nothing to verify.
        form: { ...tokenRequestForm(grant), code_verifier: undefined },
        authorization: await applicationBearer(client, this.http.clock),
      },
      call,
    );
  }

  readTokenResponse(response: RawResponse, context: TokenResponseContext): TokenOutcome {
    return readTokenEndpointResponse(response, { ...dialect, context });
  }

  upstream(settings: ProviderSettings): string {
    return `${this.descriptor.id}/${settings['region']}`;
  }

  /** Number Verification tokens die with their first use; CAMARA spells their scopes otherwise. */
  isSingleUse(scope: string | null): boolean {
    return (scope ?? '')
      .split(' ')
      .some((name) => /(?:^|#)number-verification(?:-verify-read$|:)/.test(name));
  }

  findFieldMisfit(settings: ProviderSettings, grant: GrantType, { login_hint: hint }: GrantFields) {
    if (grant !== 'ciba' || hint === undefined) return undefined;
    const message = hintFault(hint, settingsSchema.parse(settings).login_hint_prefix);
    return message === undefined ? undefined : { field: 'login_hint', message };
  }

  /** A number stays a user's; an address is somebody else's an hour later, and a token of the operator is a secret. */
  keepsLoginHint(settings: ProviderSettings): boolean {
    return isLasting(settingsSchema.parse(settings).login_hint_prefix);
  }
}

function isLasting(prefix: VonageNetworkSettings['login_hint_prefix']): boolean {
  return prefix === 'tel:' || prefix === '';
}

/** OpenID CIBA Core §7.1: the scope names `openid`. */
function withOpenid(scope: string | null): string {
  const names = (scope ?? '').split(' ').filter((name) => name !== '' && name !== 'openid');
  return ['openid', ...names].join(' ');
}
