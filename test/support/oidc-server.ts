import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration } from 'oidc-provider';

/** A strict OAuth server that was not written here. */
export interface OidcServer {
  readonly issuer: string;
  /** Token requests that arrived. */
  tokenRequests(): number;
  /** Whether the server would accept the token at a resource (RFC 7662). */
  accepts(accessToken: string): Promise<boolean>;
  close(): Promise<void>;
}

const inspector = { client_id: 'inspector', client_secret: 'inspector-secret-0123456789abcdef' };

export async function startOidcServer(configuration: Configuration): Promise<OidcServer> {
  let provider: Provider | undefined;
  let tokenRequests = 0;
  const server = createServer((request, response) => {
    if (request.method === 'POST' && request.url === '/token') tokenRequests += 1;
    provider?.callback()(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  provider = new Provider(issuer, {
    ...configuration,
    clients: [
      ...(configuration.clients ?? []),
      { ...inspector, grant_types: ['client_credentials'], redirect_uris: [], response_types: [] },
    ],
    features: {
      ...configuration.features,
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: () => true },
    },
  } as Configuration);
  return {
    issuer,
    tokenRequests: () => tokenRequests,
    accepts: async (accessToken) => {
      const answer = await fetch(`${issuer}/token/introspection`, {
        method: 'POST',
        body: new URLSearchParams({ token: accessToken }),
        headers: { authorization: `Basic ${btoa(`${inspector.client_id}:${inspector.client_secret}`)}` },
      });
      return ((await answer.json()) as { active?: boolean }).active === true;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
