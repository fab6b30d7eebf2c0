import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import type { RunningApi } from '../contract/running-api.js';
import { Browser, consent, type Visit } from './browser.js';
import type { Client } from './http.js';
import { type OidcServer, startOidcServer } from './oidc-server.js';

export const ssoClient = { client_id: 'console', client_secret: 'console-secret-0123456789-0123456789' };

/** An OpenID provider that was not written here, at which the console is a client. */
export async function startConsoleIssuer(
  redirectUris: readonly string[],
  claimsOf: (login: string) => object = () => ({}),
) {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const signingKey: JWK = { ...(await exportJWK(privateKey)), kid: 'real', alg: 'RS256', use: 'sig' };
  const server = await startOidcServer({
    clients: [
      {
        ...ssoClient,
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: [...redirectUris],
        application_type: redirectUris.some((uri) => uri.startsWith('http:')) ? 'native' : 'web',
      },
    ],
    jwks: { keys: [signingKey] },
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['groups'] },
    findAccount: (_, accountId) => ({
      accountId,
      claims: async () => ({ sub: accountId, ...claimsOf(accountId) }),
    }),
    features: { devInteractions: { enabled: true } },
  });
  const sign = (claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'real' }).sign(privateKey);
  return { server, sign };
}

/** The settings that the operator makes for it. */
export function ssoSettings({ issuer }: OidcServer, administrators: readonly object[]) {
  return {
    GRANTKEEPER_CONSOLE_OIDC_ISSUER: issuer,
    GRANTKEEPER_CONSOLE_OIDC_CLIENT_ID: ssoClient.client_id,
    GRANTKEEPER_CONSOLE_OIDC_CLIENT_SECRET: ssoClient.client_secret,
    GRANTKEEPER_CONSOLE_OIDC_ADMINS: JSON.stringify(administrators),
  };
}

/** A person before a browser, at an installation whose public origin is another than the one it listens at. */
export class SsoPerson {
  readonly browser = new Browser();

  constructor(
    private readonly api: RunningApi,
    private readonly publicOrigin: string,
    readonly login: string,
  ) {}

  /** Goes to the issuer and signs in there. @returns the callback, not yet visited */
  async callback(query = ''): Promise<string> {
    const to = `${this.publicOrigin}/console/sso/callback`;
    const address = await consent(this.browser, `${this.api.origin}/console/sso${query}`, to, this.login);
    return address.replace(this.publicOrigin, this.api.origin);
  }

  async signIn(query = ''): Promise<Visit> {
    return this.browser.visit(await this.callback(query));
  }

  get cookie(): string {
    return this.browser.cookiesFor(this.api.origin);
  }

  /** The console in this browser. */
  readonly call: Client = (method, url, body, headers = {}) =>
    this.api.anonymous(method, url, body, {
      ...{ origin: this.publicOrigin, cookie: this.cookie, 'x-grantkeeper-console': '1' },
      ...headers,
    });
}
