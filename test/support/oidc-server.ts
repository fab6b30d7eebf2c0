import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration, errors as errorTypes } from 'oidc-provider';

export type TokenRewrite = (answer: Record<string, string>) => Promise<Record<string, string>>;

/** A strict OAuth server that was not written here. */
export interface OidcServer {
  readonly issuer: string;
  /** Changes the answers of the token endpoint from now on. */
  rewriteTokens(rewrite: TokenRewrite | undefined): void;
  /** Token requests that arrived. */
  tokenRequests(): number;
  /** Whether the server would accept the token at a resource (RFC 7662). */
  accepts(accessToken: string): Promise<boolean>;
  /** Ends every grant, as a user does in the account settings. */
  revokeGrants(): Promise<void>;
  /** Answers every request for a revocation with this status from now on. */
  refuseRevocations(status: number): void;
  /** Ends an access token, and nothing else of its grant. */
  revokeAccessToken(accessToken: string): Promise<void>;
  /** CIBA: the person says yes, or no, to the request of that id. */
  approve(authReqId: string): Promise<void>;
  deny(authReqId: string): Promise<void>;
  /** Device flow: the person enters the code, and says yes. */
  approveDevice(userCode: string, accountId: string): Promise<void>;
  /** `error` of every token request that was refused. */
  errors(): readonly string[];
  close(): Promise<void>;
}

const inspector = { client_id: 'inspector', client_secret: 'inspector-secret-0123456789abcdef' };

export async function startOidcServer(configuration: Configuration): Promise<OidcServer> {
  let provider: Provider | undefined;
  let tokenRequests = 0;
  let refusal: number | undefined;
  let rewrite: TokenRewrite | undefined;
  const server = createServer((request, response) => {
    if (request.method === 'POST' && request.url === '/token') tokenRequests += 1;
    if (refusal !== undefined && request.url === '/token/revocation') response.writeHead(refusal).end();
    else provider?.callback()(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  provider = new Provider(issuer, {
    ...configuration,
    clients: [
      ...(configuration.clients ?? []),
      { ...inspector, grant_types: [], redirect_uris: [], response_types: [] },
    ],
    features: {
      devInteractions: { enabled: false },
      ...configuration.features,
      introspection: { enabled: true, allowedPolicy: () => true },
    },
  } as Configuration);
  provider.use(async (context, next) => {
    await next();
    const { path, body } = context as { path: string; body: Record<string, string> };
    if (rewrite && path === '/token' && body['id_token'])
      Object.assign(context, { body: await rewrite(body) });
  });
  const grants = new Set<string>();
  provider.on('grant.success', (context) => {
    const { grantId } = context.oidc.entities.RefreshToken ?? context.oidc.entities.AccessToken ?? {};
    if (grantId) grants.add(grantId);
  });
  const errors: string[] = [];
  provider.on('grant.error', (_, { error }) => errors.push(error));
  return {
    errors: () => errors,
    rewriteTokens: (wanted) => {
      rewrite = wanted;
    },
    approve: async (authReqId) => {
      const request = await provider?.BackchannelAuthenticationRequest.find(authReqId);
      if (!provider || !request) throw new Error('There is no such request.');
      const grant = new provider.Grant({
        accountId: String(request.accountId),
        clientId: String(request.clientId),
      });
      grant.addOIDCScope(String(request.scope));
      await grant.save();
      await provider.backchannelResult(request, grant);
    },
    deny: async (authReqId) => {
      const request = await provider?.BackchannelAuthenticationRequest.find(authReqId);
      if (!request) throw new Error('There is no such request.');
      await provider?.backchannelResult(request, new errorTypes.AccessDenied());
    },
    approveDevice: async (userCode, accountId) => {
      const code = await provider?.DeviceCode.findByUserCode(userCode.replace(/\W/g, ''));
      if (!provider || !code) throw new Error('There is no such code.');
      const grant = new provider.Grant({ accountId, clientId: String(code.clientId) });
      const scope = String(code.params?.['scope'] ?? '');
      grant.addOIDCScope(scope);
      const grantId = await grant.save();
      Object.assign(code, { accountId, grantId, scope, authTime: Math.floor(Date.now() / 1_000) });
      await code.save();
    },
    issuer,
    tokenRequests: () => tokenRequests,
    accepts: async (accessToken) => {
      const answer = await fetch(`${issuer}/token/introspection`, {
        method: 'POST',
        body: new URLSearchParams({ token: accessToken }),
        headers: { authorization: `Basic ${btoa(`${inspector.client_id}:${inspector.client_secret}`)}` },
      });
      const { active } = (await answer.json()) as { active?: boolean };
      if (active === undefined) throw new Error(`The server does not introspect: ${answer.status}.`);
      return active;
    },
    revokeGrants: async () => {
      for (const grantId of grants) await provider?.RefreshToken.adapter.revokeByGrantId(grantId);
    },
    refuseRevocations: (status) => {
      refusal = status;
    },
    revokeAccessToken: async (accessToken) => {
      await (await provider?.AccessToken.find(accessToken))?.destroy();
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
