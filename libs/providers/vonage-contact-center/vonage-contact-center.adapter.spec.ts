import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { ProviderClient, TokenGrant, TokenResponseContext } from '#provider-kit';
import { tokenEndpointClient } from '#testing';
import { VonageContactCenterAdapter } from './vonage-contact-center.adapter.js';
import { credentialSchema, settingsSchema } from './vonage-contact-center.schemas.js';

const recorded: { line: string; headers: http.IncomingHttpHeaders; body: string }[] = [];
const answer = { status: 200, body: '' };
const server = http.createServer((request, response) => {
  let body = '';
  request.setEncoding('latin1').on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    recorded.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
});

let client: ReturnType<typeof tokenEndpointClient>;
let adapter: VonageContactCenterAdapter;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  client = tokenEndpointClient({
    upstreamTimeoutMs: 10_000,
    providerEndpoints: { 'vonage-contact-center': `http://127.0.0.1:${port}` },
    egressAllow: [],
  });
  adapter = new VonageContactCenterAdapter(client);
});
afterAll(async () => {
  client.close();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  recorded.length = 0;
  answer.status = 200;
  // Vendor page, "Example: Successful Response".
  answer.body =
    '{\n "access_token": "a1b2c3d4e5f6g7h8i9j0",\n "token_type": "bearer",\n "expires_in": 300\n}';
});

function clientWith(clientId: string, value: string, settings: Record<string, unknown>): ProviderClient {
  const parsed = settingsSchema.parse({ region: 'emea', ...settings });
  return { clientId, secret: { kind: 'client_secret', value }, settings: parsed };
}

function send(with_: ProviderClient, grant: TokenGrant = { type: 'client_credentials' }) {
  return adapter.sendTokenRequest(with_, grant, { deadlineMonotonicMs: performance.now() + 2_000 });
}

const context: TokenResponseContext = {
  grant: 'client_credentials',
  client: { clientId: 'a1b2c3d4e5', settings: {} },
};

describe('the request of the vendor page', () => {
  it('Basic: raw pair in base64, grant_type alone in the body', async () => {
    await send(clientWith('a1b2c3d4e5', '9pBl+xY1MW+AbsdZk4xpv7NwWxG8+oqduKiSqVybM9Y=', {}));
    expect(recorded[0]).toMatchObject({
      line: 'POST /v0/oauth2/token',
      body: 'grant_type=client_credentials',
      headers: {
        authorization: 'Basic YTFiMmMzZDRlNTo5cEJsK3hZMU1XK0Fic2RaazR4cHY3TndXeEc4K29xZHVLaVNxVnliTTlZPQ==',
        'content-type': 'application/x-www-form-urlencoded',
      },
    });
  });

  it('body: the secret form-encoded once, no Authorization header', async () => {
    const secret = '6lBJodbA0+cAywhyLvhOBo4QfTFO5t6/2B/QetQgw5Y=';
    await send(clientWith('lmccg0ujju2', secret, { client_auth: 'body', version: 'v1' }));
    expect(recorded[0]?.line).toBe('POST /v1/oauth2/token');
    expect(recorded[0]?.body).toBe(
      'grant_type=client_credentials&client_id=lmccg0ujju2&client_secret=6lBJodbA0%2BcAywhyLvhOBo4QfTFO5t6%2F2B%2FQetQgw5Y%3D',
    );
    expect(recorded[0]?.headers.authorization).toBeUndefined();
  });

  it('legacy sends no scope; current requires one', async () => {
    await send(clientWith('a', 'b', {}), { type: 'client_credentials', scope: 'x y' });
    expect(recorded[0]?.body).toBe('grant_type=client_credentials');

    const current = clientWith('a', 'b', { auth_generation: 'current', region: 'nam' });
    await send(current, { type: 'client_credentials', scope: 'x y' });
    expect(recorded[1]).toMatchObject({
      line: 'POST /Auth/connect/token',
      body: 'grant_type=client_credentials&scope=x+y',
    });
    await expect(send(current)).rejects.toMatchObject({
      code: 'invalid_scope',
      class: 'configuration',
      requestSent: false,
    });
    expect(recorded).toHaveLength(2);
  });

  it('goes to the region when nothing is in front of it', async () => {
    const direct = tokenEndpointClient({
      upstreamTimeoutMs: 10_000,
      providerEndpoints: {},
      egressAllow: [],
      lookup: (hostname, _options, callback) =>
        callback(Object.assign(new Error(hostname), { code: `ASKED_${hostname.toUpperCase()}` }), ''),
    });
    const attempt = new VonageContactCenterAdapter(direct).sendTokenRequest(
      clientWith('a', 'b', { region: 'apac' }),
      { type: 'client_credentials' },
      { deadlineMonotonicMs: performance.now() + 2_000 },
    );
    await expect(attempt).rejects.toMatchObject({
      code: 'upstream_unreachable',
      message: expect.stringContaining('apac.cc.vonage.com'),
    });
  });

  it('has no other grant', async () => {
    const refresh: TokenGrant = { type: 'refresh_token', refreshToken: 'r' };
    await expect(send(clientWith('a', 'b', {}), refresh)).rejects.toMatchObject({
      code: 'unsupported_grant_type',
      requestSent: false,
    });
  });
});

describe('the answers', () => {
  const read = async (status: number, body: string) => {
    Object.assign(answer, { status, body });
    return adapter.readTokenResponse(await send(clientWith('a', 'b', {})), context);
  };

  it('success as on the page', async () => {
    expect(await read(200, answer.body)).toEqual({
      kind: 'tokens',
      tokens: {
        accessToken: 'a1b2c3d4e5f6g7h8i9j0',
        tokenType: 'bearer',
        expiresInSeconds: 300,
      },
    });
  });

  it('without a lifetime the shorter documented one is assumed', async () => {
    const outcome = await read(200, '{"access_token":"t","token_type":"bearer"}');
    expect(outcome).toMatchObject({ tokens: { expiresInSeconds: 300 } });
  });

  it.each([
    [400, '{"error":"invalid_request"}', 'invalid_request'],
    [
      401,
      '{"error":"invalid_client","error_description":"The client secret was incorrect."}',
      'invalid_client',
    ],
    [400, '{"error":"unsupported_grant_type"}', 'unsupported_grant_type'],
    [400, '{"error":"invalid_scope"}', 'invalid_scope'],
    [400, '{"error":"Internal Server Error"}', 'server_error'],
    [500, '{"error":"Internal Server Error"}', 'server_error'],
    [400, '{"message":"The request is invalid."}', 'invalid_request'],
  ])('%d %s is %s', async (status, body, code) => {
    expect(await read(status, body)).toMatchObject({ kind: 'failed', failure: { code, status } });
  });
});

describe('the schemas', () => {
  it.each(['', 'emea.evil', 'emea/', '-emea', 'emea-', 'a b', 'x'.repeat(64), 'emea:80', 'emea@x', 'émea'])(
    'refuse the region %p',
    (region) => {
      const result = settingsSchema.safeParse({ region });
      expect(result.error?.issues[0]).toMatchObject({ path: ['region'] });
      expect(result.error?.issues[0]?.message).toContain('DNS label');
    },
  );

  it('fill in the defaults and refuse what they do not know', () => {
    expect(settingsSchema.parse({ region: 'nam-2' })).toEqual({
      region: 'nam-2',
      auth_generation: 'legacy',
      version: 'v0',
      client_auth: 'basic',
    });
    expect(settingsSchema.safeParse({}).error?.issues[0]?.path).toEqual(['region']);
    expect(settingsSchema.safeParse({ region: 'nam', scope: 'x' }).error?.issues[0]?.message).toContain(
      'scope',
    );
    expect(settingsSchema.safeParse({ region: 'nam', version: 'v0/..' }).success).toBe(false);
    expect(credentialSchema.safeParse({ client_id: 'a:b', client_secret: 'x' }).success).toBe(false);
    expect(credentialSchema.safeParse({ client_id: 'a', client_secret: 'x\n' }).success).toBe(false);
    expect(credentialSchema.safeParse({ client_id: 'a' }).error?.issues[0]?.path).toEqual(['client_secret']);
  });

  it('become JSON Schema', () => {
    expect(z.toJSONSchema(settingsSchema, { io: 'input' })).toMatchObject({
      required: ['region'],
      additionalProperties: false,
    });
    expect(z.toJSONSchema(credentialSchema)).toMatchObject({
      properties: { client_secret: { writeOnly: true, minLength: 1, maxLength: 4096 } },
    });
  });
});
