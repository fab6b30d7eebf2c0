import type { Configuration } from 'oidc-provider';
import { Browser, consent } from './browser.js';
import { freePort } from './free-port.js';
import { type Api, type Installation, type Running, startInstallation } from './installation.js';
import { type OidcServer, startOidcServer } from './oidc-server.js';

export const returnUrl = 'https://app.example.com/connected?from=test';
const client = { client_id: 'broker', client_secret: 'broker-secret-0123456789-0123456789' };

/** One API, one tenant, and a credential for the code flow of a server that was not written here. */
export interface CodeFlow {
  readonly installation: Installation;
  readonly api: Api;
  readonly server: OidcServer;
  readonly callback: string;
  /** A new pending connection. */
  begin(id: string, credential?: string): Promise<string>;
  /** Registers the same client once more. */
  credential(id: string, settings: object): ReturnType<Api['admin']>;
  /** A browser that consents. @returns the callback's address, not yet visited */
  consent(
    authorizationUrl: string,
    browser?: Browser,
    login?: string,
  ): Promise<{ browser: Browser; callbackUrl: string }>;
  /** The parameters that the return_url was given. */
  returned(url: string | null): Record<string, string>;
  close(): Promise<void>;
}

/** @param running where it takes place; in an installation of its own where there is none */
export async function startCodeFlow(configuration: Configuration = {}, running?: Running): Promise<CodeFlow> {
  const installation = running?.installation ?? (await startInstallation());
  const port = await freePort();
  const origin = running?.api.origin ?? `http://127.0.0.1:${port}`;
  const callback = `${origin}/v1/callback/acme/client`;
  const server = await startOidcServer({
    clients: [
      {
        ...client,
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [
          callback,
          `${origin}/v1/callback`,
          `${origin}/v1/callback/other/client`,
          `${origin}/v1/callback/acme/quiet`,
        ],
        response_types: ['code'],
      },
    ],
    pkce: { required: () => true },
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    features: { devInteractions: { enabled: true }, revocation: { enabled: true } },
    ...configuration,
  });
  const api = running?.api ?? (await installation.startApi({ PORT: String(port) }));
  for (const tenant of ['acme', 'other']) {
    await api.admin('POST', '/v1/tenants', { id: tenant, name: tenant });
    await api.admin('POST', `/v1/tenants/${tenant}/credentials`, {
      id: 'client',
      provider: 'generic-oauth2',
      ...client,
      settings: { issuer: server.issuer, return_urls: [returnUrl] },
    });
  }
  return {
    installation,
    api,
    server,
    callback,
    begin: async (id, credential = 'client') => {
      const body = {
        id,
        credential,
        grant: 'authorization_code',
        scope: 'openid',
        return_url: returnUrl,
      };
      const answer = await api.admin('POST', '/v1/tenants/acme/connections', body);
      if (answer.status !== 202) throw new Error(`Expected 202, got ${answer.status}: ${answer.text}`);
      return answer.json.authorization_url;
    },
    credential: (id, settings) =>
      api.admin('POST', '/v1/tenants/acme/credentials', {
        id,
        provider: 'generic-oauth2',
        ...client,
        settings: { issuer: server.issuer, return_urls: [returnUrl], ...settings },
      }),
    consent: async (authorizationUrl, browser = new Browser(), login = 'ada') => ({
      browser,
      callbackUrl: await consent(browser, authorizationUrl, `${origin}/v1/callback`, login),
    }),
    returned: (url) => Object.fromEntries(new URL(url ?? 'about:blank').searchParams),
    close: async () => {
      if (!running) await installation.close();
      await server.close();
    },
  };
}
