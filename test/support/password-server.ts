import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OAuth2Server from '@node-oauth/oauth2-server';

export const passwordClient = { client_id: 'legacy', client_secret: 'legacy-secret-0123456789' };
export const user = { username: 'ada@example.com', password: 'correct horse & battery=staple+1' };

/** A server of the password grant (RFC 6749 §4.3) that was not written here. */
export interface PasswordServer {
  readonly tokenEndpoint: string;
  /** Grant type and outcome of every token request. */
  readonly requests: readonly { grant: string; ok: boolean }[];
  accepts(accessToken: string): boolean;
  /** Every refresh token dies, as after a change of the password policy. */
  killRefreshTokens(): void;
  close(): Promise<void>;
}

export async function startPasswordServer(accessTokenLifetime = 600): Promise<PasswordServer> {
  const tokens = new Map<string, OAuth2Server.Token>();
  const refreshTokens = new Map<string, OAuth2Server.Token>();
  const requests: { grant: string; ok: boolean }[] = [];
  const client = { id: passwordClient.client_id, grants: ['password', 'refresh_token'] };
  const oauth = new OAuth2Server({
    accessTokenLifetime,
    model: {
      getClient: async (id: string, secret: string) =>
        id === client.id && secret === passwordClient.client_secret ? client : false,
      getUser: async (username: string, password: string) =>
        username === user.username && password === user.password ? { id: username } : false,
      validateScope: async (_user, _client, scope) => scope ?? ['calls'],
      saveToken: async (token, owner, holder) => {
        const saved = { ...token, client: owner, user: holder };
        tokens.set(token.accessToken, saved);
        if (token.refreshToken) refreshTokens.set(token.refreshToken, saved);
        return saved;
      },
      getAccessToken: async (token: string) => tokens.get(token) ?? false,
      getRefreshToken: async (token: string) =>
        (refreshTokens.get(token) as OAuth2Server.RefreshToken) ?? false,
      revokeToken: async (token: { refreshToken: string }) => refreshTokens.delete(token.refreshToken),
    } as OAuth2Server.PasswordModel & OAuth2Server.RefreshTokenModel,
  });
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    const asked = new OAuth2Server.Request({
      method: 'POST',
      query: {},
      headers: { ...request.headers } as Record<string, string>,
      body,
    });
    const answer = new OAuth2Server.Response({});
    const ok = await oauth.token(asked, answer).then(
      () => true,
      () => false,
    );
    requests.push({ grant: String(body['grant_type']), ok });
    response.writeHead(answer.status ?? 500, { ...answer.headers, 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    tokenEndpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    requests,
    accepts: (accessToken) => (tokens.get(accessToken)?.accessTokenExpiresAt?.getTime() ?? 0) > Date.now(),
    killRefreshTokens: () => refreshTokens.clear(),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
