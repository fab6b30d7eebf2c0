import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HttpService } from '@nestjs/axios';
import axios from 'axios';
import { z } from 'zod';
import { TokenEndpointClient } from '#oauth-http';
import type { ProviderClient, TokenGrant } from '#provider-kit';
import { Net2phoneCanadaAdapter } from './net2phone-canada.adapter.js';
import { settingsSchema } from './net2phone-canada.schemas.js';

// Vendor page, "Client-Credentials Grant", request and response.
const vendorClient: ProviderClient = {
  clientId: '0123456789',
  secret: { kind: 'client_secret', value: '0123456789012345678901234567890' },
  settings: settingsSchema.parse({}),
};
const vendorAnswer = `{
"access_token": "7332170a208e270bc922d8ca54a5091f",
"scope": "Office Manager",
"token_type": "Bearer",
"expires_in": 3599,
"expires": "2016-11-11T16:05:10.301803"
}`;

const recorded: { line: string; headers: http.IncomingHttpHeaders; body: string }[] = [];
const server = http.createServer((request, response) => {
  let body = '';
  request.setEncoding('latin1').on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    recorded.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
    response.writeHead(200, { 'content-type': 'application/json' }).end(vendorAnswer);
  });
});

let client: TokenEndpointClient;
let adapter: Net2phoneCanadaAdapter;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  client = new TokenEndpointClient(new HttpService(axios.create()), {
    upstreamTimeoutMs: 2_000,
    providerEndpoints: { 'net2phone-canada': `http://127.0.0.1:${port}` },
    egressAllow: [],
  });
  adapter = new Net2phoneCanadaAdapter(client);
});
afterAll(async () => {
  client.onApplicationShutdown();
  await new Promise((resolve) => server.close(resolve));
});

const send = (grant: TokenGrant) =>
  adapter.sendTokenRequest(vendorClient, grant, { deadlineMonotonicMs: performance.now() + 2_000 });

describe('net2phone-canada', () => {
  it('sends the request of the vendor page, trailing slash and all, and never a scope', async () => {
    await send({ type: 'client_credentials', scope: 'Office Manager' });
    expect(recorded[0]).toMatchObject({
      line: 'POST /api/oauth/token/',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials&client_id=0123456789&client_secret=0123456789012345678901234567890',
    });
    expect(recorded[0]?.headers.authorization).toBeUndefined();
  });

  it('reads the answer of the vendor page: the role kept whole, expires ignored', async () => {
    const outcome = adapter.readTokenResponse(await send({ type: 'client_credentials' }), {
      grant: 'client_credentials',
      client: vendorClient,
    });
    expect(outcome).toEqual({
      kind: 'tokens',
      tokens: {
        accessToken: '7332170a208e270bc922d8ca54a5091f',
        tokenType: 'Bearer',
        expiresInSeconds: 3599,
        expiresInAssumed: false,
        scope: 'Office Manager',
      },
    });
  });

  it('says so of a grant it does not have', async () => {
    const grant: TokenGrant = { type: 'password', username: 'u', password: 'p' };
    await expect(send(grant)).rejects.toMatchObject({ code: 'unsupported_grant_type', requestSent: false });
  });

  it('accepts the settings of the code flow and no others', () => {
    const settings = {
      authorize_path: '/oauth/authorize/',
      refresh_client_auth: 'id_only',
      redirect_uri: 'https://www.example.com/callback/',
      return_urls: ['http://localhost:8080/done'],
      allow_unconfirmed: true,
    };
    expect(settingsSchema.parse(settings)).toEqual(settings);
    expect(settingsSchema.parse({})).toEqual({
      authorize_path: '/api/oauth/authorize/',
      refresh_client_auth: 'secret',
    });
    for (const wrong of [
      { authorize_path: '/elsewhere' },
      { redirect_uri: 'http://www.example.com/callback/' },
      { redirect_uri: 'javascript:alert(1)' },
      { return_urls: ['https://a.example/#x'] },
      { region: 'emea' },
    ]) {
      expect(settingsSchema.safeParse(wrong).success).toBe(false);
    }
    expect(z.toJSONSchema(settingsSchema, { io: 'input' })).toMatchObject({ additionalProperties: false });
  });
});
