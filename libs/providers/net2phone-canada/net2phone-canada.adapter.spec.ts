import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type ProviderClient, ProviderRegistry, type TokenGrant } from '#provider-kit';
import { formOf, type Recorder, soon, startRecorder } from '../recorder.spec-support.js';
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

let provider: Recorder;
let adapter: Net2phoneCanadaAdapter;
beforeAll(async () => {
  provider = await startRecorder();
  adapter = new Net2phoneCanadaAdapter(provider.client(provider.options('net2phone-canada')));
});
afterAll(() => provider.close());
beforeEach(() => {
  provider.recorded.length = 0;
  provider.answer(200, vendorAnswer);
});

const send = (grant: TokenGrant, client = vendorClient) => adapter.sendTokenRequest(client, grant, soon());
const clientWith = (settings: Record<string, unknown>) => ({
  ...vendorClient,
  settings: settingsSchema.parse(settings),
});

describe('net2phone-canada', () => {
  it('sends the request of the vendor page, trailing slash and all, and never a scope', async () => {
    await send({ type: 'client_credentials', scope: 'Office Manager' });
    expect(provider.recorded[0]).toMatchObject({
      line: 'POST /api/oauth/token/',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials&client_id=0123456789&client_secret=0123456789012345678901234567890',
    });
    expect(provider.recorded[0]?.headers.authorization).toBeUndefined();
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
        scope: 'Office Manager',
      },
    });
  });

  it('says so of a grant it does not have', async () => {
    const grant: TokenGrant = { type: 'password', username: 'u', password: 'p' };
    const served = new ProviderRegistry([adapter]).get('net2phone-canada');
    await expect(served.sendTokenRequest(vendorClient, grant, soon())).rejects.toMatchObject({
      code: 'unsupported_grant_type',
      requestSent: false,
    });
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

describe('the code flow', () => {
  const wanted = {
    redirectUri: 'https://www.example.com/callback/',
    state: 'a+b',
    scope: 'Office Manager',
    subject: null,
    codeChallenge: 'c',
  };

  it.each([
    [{}, '/api/oauth/authorize/'],
    [{ authorize_path: '/oauth/authorize/' }, '/oauth/authorize/'],
  ])('with %j begins at %s', async (settings, path) => {
    const outcome = await adapter.authorizationCode.begin(clientWith(settings), wanted, soon());
    expect(outcome).toEqual({
      kind: 'redirect',
      authorizationUrl: `${provider.origin}${path}?response_type=code&client_id=0123456789&redirect_uri=https%3A%2F%2Fwww.example.com%2Fcallback%2F&state=a%2Bb`,
    });
    expect(provider.recorded).toEqual([]);
  });

  it('exchanges the code as the page has it', async () => {
    await send({
      type: 'authorization_code',
      code: '00000000',
      redirectUri: wanted.redirectUri,
      codeVerifier: 'v',
    });
    expect(provider.recorded[0]?.line).toBe('POST /api/oauth/token/');
    expect(formOf(provider.recorded[0]?.body ?? '')).toEqual({
      grant_type: 'authorization_code',
      code: '00000000',
      client_id: '0123456789',
      client_secret: '0123456789012345678901234567890',
      redirect_uri: wanted.redirectUri,
    });
  });

  it.each([
    ['with the secret', {}, { client_secret: '0123456789012345678901234567890' }],
    ['by the identifier alone', { refresh_client_auth: 'id_only' }, {}],
  ])('refreshes %s, and never sends the role', async (_name, settings, secret) => {
    await send({ type: 'refresh_token', refreshToken: 'r', scope: 'Office Manager' }, clientWith(settings));
    expect(formOf(provider.recorded[0]?.body ?? '')).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'r',
      client_id: '0123456789',
      ...secret,
    });
  });

  it('sends the secret with every other grant, whatever is set for refresh', async () => {
    await send({ type: 'client_credentials' }, clientWith({ refresh_client_auth: 'id_only' }));
    expect(formOf(provider.recorded[0]?.body ?? '')).toHaveProperty('client_secret');
  });

  it('accepts a refresh token with the code, and none', async () => {
    const context = { grant: 'authorization_code', client: vendorClient } as const;
    const code: TokenGrant = { type: 'authorization_code', code: 'c', redirectUri: 'r' };
    expect(adapter.readTokenResponse(await send(code), context)).not.toHaveProperty('tokens.refreshToken');
    provider.answer(200, { ...JSON.parse(vendorAnswer), refresh_token: 'r1' });
    expect(adapter.readTokenResponse(await send(code), context)).toMatchObject({
      tokens: { refreshToken: 'r1' },
    });
  });

  it('promises what the rest plans with', () => {
    expect(adapter.descriptor).toMatchObject({
      rotation: 'none',
      lifetimes: { authorizationCodeSeconds: 60, refreshTokenSeconds: 7_776_000 },
    });
  });
});
