import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { IssuerMetadataClient } from '#oauth-http';
import type { ClientSecret, TokenGrant } from '#provider-kit';
import { tokenEndpointClient } from '#testing';
import { GenericOauth2Adapter } from './generic-oauth2.adapter.js';
import { credentialSchema, settingsSchema } from './generic-oauth2.schemas.js';

const recorded: { line: string; authorization: string | undefined; body: string }[] = [];
let origin = '';
const server = http.createServer((request, response) => {
  let body = '';
  request.setEncoding('latin1').on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    recorded.push({
      line: `${request.method} ${request.url}`,
      authorization: request.headers.authorization,
      body,
    });
    if (request.url === '/.well-known/openid-configuration') {
      response.end(JSON.stringify({ issuer: origin, token_endpoint: `${origin}/discovered` }));
    } else if (request.method === 'GET') response.writeHead(404).end();
    else response.end('{"access_token":"t","token_type":"Bearer"}');
  });
});

let adapter: GenericOauth2Adapter;
let client: ReturnType<typeof tokenEndpointClient>;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  recorded.length = 0;
  const options = { upstreamTimeoutMs: 10_000, providerEndpoints: {}, egressAllow: ['http://127.0.0.1:*'] };
  client = tokenEndpointClient(options);
  adapter = new GenericOauth2Adapter(client, new IssuerMetadataClient(client));
});
afterAll(async () => {
  client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const secret: ClientSecret = { kind: 'client_secret', value: 'a+b/c=: d' };

function send(
  settings: Record<string, unknown>,
  grant: TokenGrant = { type: 'client_credentials' },
  clientSecret: ClientSecret = secret,
) {
  const parsed = settingsSchema.parse(settings);
  return adapter.sendTokenRequest({ clientId: 'my client', secret: clientSecret, settings: parsed }, grant, {
    deadlineMonotonicMs: performance.now() + 2_000,
  });
}

describe('client credentials by configuration', () => {
  it('RFC 6749 Basic, scope, resource and audience', async () => {
    await send(
      { token_endpoint: `${origin}/token`, resource: 'https://api.example/v1', audience: 'api' },
      { type: 'client_credentials', scope: 'read write' },
    );
    const pair = Buffer.from('my+client:a%2Bb%2Fc%3D%3A+d').toString('base64');
    expect(recorded).toEqual([
      {
        line: 'POST /token',
        authorization: `Basic ${pair}`,
        body: 'grant_type=client_credentials&scope=read+write&resource=https%3A%2F%2Fapi.example%2Fv1&audience=api',
      },
    ]);
  });

  it('client_secret_post', async () => {
    await send({ token_endpoint: `${origin}/token`, client_auth: 'client_secret_post' });
    expect(recorded[0]).toEqual({
      line: 'POST /token',
      authorization: undefined,
      body: 'grant_type=client_credentials&client_id=my+client&client_secret=a%2Bb%2Fc%3D%3A+d',
    });
  });

  it('none, and a method that misses its secret', async () => {
    const without: ClientSecret = { kind: 'none', value: '' };
    await send({ token_endpoint: `${origin}/token`, client_auth: 'none' }, undefined, without);
    expect(recorded[0]?.body).toBe('grant_type=client_credentials&client_id=my+client');
    const basic = { token_endpoint: `${origin}/token`, client_auth: 'client_secret_basic' };
    await expect(send(basic, undefined, without)).rejects.toMatchObject({
      code: 'invalid_client',
      requestSent: false,
    });
  });

  it('discovers, once; a configured endpoint goes before', async () => {
    await send({ issuer: origin });
    await send({ issuer: origin });
    expect(recorded.map(({ line }) => line)).toEqual([
      'GET /.well-known/oauth-authorization-server',
      'GET /.well-known/openid-configuration',
      'POST /discovered',
      'POST /discovered',
    ]);
    recorded.length = 0;
    await send({ issuer: origin, token_endpoint: `${origin}/mine` });
    expect(recorded.map(({ line }) => line)).toEqual(['POST /mine']);
  });

  it('does not go where the egress rules forbid', async () => {
    await expect(send({ token_endpoint: 'http://idp.example/token' })).rejects.toMatchObject({
      code: 'egress_refused',
      requestSent: false,
    });
  });

  it('refuses an answer without a lifetime', async () => {
    const response = await send({ token_endpoint: `${origin}/token` });
    const outcome = adapter.readTokenResponse(response, {
      grant: 'client_credentials',
      client: { clientId: 'my client', settings: {} },
    });
    expect(outcome).toMatchObject({
      kind: 'unreadable',
      failure: { code: 'malformed_response', member: 'expires_in' },
    });
  });
});

describe('the schemas', () => {
  it.each([
    [{}, 'token_endpoint'],
    [{ token_endpoint: 'ftp://x' }, 'token_endpoint'],
    [{ token_endpoint: '/token' }, 'token_endpoint'],
    [{ issuer: 'https://user:pass@x' }, 'issuer'],
    [{ issuer: 'https://x/?tenant=1' }, 'issuer'],
    [{ issuer: 'https://x', client_auth: 'basic' }, 'client_auth'],
  ])('%j is refused at %s', (settings, field) => {
    expect(settingsSchema.safeParse(settings).error?.issues[0]?.path).toEqual([field]);
  });

  it('become JSON Schema', () => {
    expect(z.toJSONSchema(settingsSchema, { io: 'input' })).toMatchObject({
      additionalProperties: false,
      properties: { issuer: { format: 'uri' } },
    });
    expect(z.toJSONSchema(credentialSchema)).toMatchObject({ required: ['client_id'] });
  });
});
