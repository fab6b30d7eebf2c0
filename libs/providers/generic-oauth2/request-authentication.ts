import type { Clock, ProviderClient, TokenGrant } from '#provider-kit';
import { signAssertion } from './bearer-assertion.js';
import { authenticateClient, type ClientAuthentication } from './client-authentication.js';
import { resolveSettings } from './generic-oauth2.schemas.js';
import type { ServerEndpoints } from './server-endpoints.js';

/** The client's part of a token request: its authentication, or the assertion that speaks for itself. */
export async function authenticationOrAssertion(
  client: ProviderClient,
  grant: TokenGrant,
  url: string,
  endpoints: ServerEndpoints,
  clock: Clock,
): Promise<ClientAuthentication> {
  if (grant.type !== 'jwt_bearer') return authenticationFor(client, grant.type, url, endpoints, clock);
  const settings = resolveSettings(client.settings);
  const assertion = await signAssertion(client, grant, url, settings, clock);
  // RFC 7523 §2.1: the client need not authenticate besides, and does where the settings say how.
  const isAuthenticated = (settings.client_auth_by_grant?.jwt_bearer ?? settings.client_auth) !== undefined;
  const authentication = isAuthenticated
    ? await authenticationFor(client, grant.type, url, endpoints, clock)
    : { form: {}, header: {} };
  return { ...authentication, form: { ...authentication.form, assertion } };
}

/** The client's authentication, as the settings say, or else the metadata. */
export async function authenticationFor(
  client: ProviderClient,
  grant: TokenGrant['type'] | null,
  url: string,
  endpoints: ServerEndpoints,
  clock: Clock,
): Promise<ClientAuthentication> {
  const settings = resolveSettings(client.settings);
  const said = (grant && settings.client_auth_by_grant?.[grant]) ?? settings.client_auth;
  const method = said ?? (await endpoints.clientAuth(client.secret.kind));
  const audience = () => endpoints.assertionAudience(url);
  return authenticateClient(client, method, settings, audience, clock);
}
