import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { IssuerMetadataClient } from '#oauth-http';
import type { ClientSecret, ProviderClient, TokenGrant } from '#provider-kit';
import { selfSigned } from '../../../test/support/self-signed.js';
import { formOf, type Recorder, soon, startRecorder } from '../recorder.spec-support.js';
import { GenericOauth2Adapter } from './generic-oauth2.adapter.js';
import { settingsSchema } from './generic-oauth2.schemas.js';

let provider: Recorder;
let adapter: GenericOauth2Adapter;
beforeAll(async () => {
  provider = await startRecorder();
  const client = provider.client({ ...provider.options('other'), egressAllow: ['http://127.0.0.1:*'] });
  adapter = new GenericOauth2Adapter(client, new IssuerMetadataClient(client));
});
afterAll(() => provider.close());
beforeEach(() => {
  provider.recorded.length = 0;
  provider.answer(200, {});
});

const secret: ClientSecret = { kind: 'client_secret', value: 's3cret' };
const code: TokenGrant = { type: 'authorization_code', code: 'c', redirectUri: 'r' };
const refresh: TokenGrant = { type: 'refresh_token', refreshToken: 'r1', scope: 'a b' };
const machine: TokenGrant = { type: 'client_credentials', scope: 'a b' };
const clientWith = (settings: object, of = secret): ProviderClient => ({
  clientId: 'me',
  secret: of,
  settings: settingsSchema.parse({ token_endpoint: `${provider.origin}/token`, ...settings }),
});

/** Sends a request for a grant, and returns it as the server got it. */
async function send(grant: TokenGrant, settings: object = {}, of = secret) {
  await adapter.sendTokenRequest(clientWith(settings, of), grant, soon());
  const [request] = provider.recorded;
  if (!request) throw new Error('Nothing was sent.');
  return { ...request, form: formOf(request.body) };
}

describe('headers', () => {
  it('of their own go along, User-Agent included, with each kind of request (d01)', async () => {
    const settings = {
      token_headers: { 'User-Agent': 'web:x:1 (by /u/x)', 'Notion-Version': '2026-01-01', Accept: '*/*' },
      revocation_endpoint: `${provider.origin}/revoke`,
      backchannel_authentication_endpoint: `${provider.origin}/bc`,
    };
    await send(refresh, settings);
    await adapter.revoke(clientWith(settings), 't', 'refresh_token', soon());
    await adapter.backchannel.begin(
      clientWith(settings),
      { grant: 'ciba', loginHint: 'x', scope: null },
      soon(),
    );
    expect(provider.recorded).toHaveLength(3);
    for (const { headers } of provider.recorded) {
      expect(headers).toMatchObject({
        'user-agent': 'web:x:1 (by /u/x)',
        'notion-version': '2026-01-01',
        accept: '*/*',
        authorization: `Basic ${Buffer.from('me:s3cret').toString('base64')}`,
      });
    }
  });

  it('name the product otherwise', async () => {
    expect((await send(refresh)).headers).toMatchObject({
      'user-agent': 'Grantkeeper',
      accept: 'application/json',
    });
  });
});

describe('the body', () => {
  it('is JSON where the server reads nothing else (d02)', async () => {
    const settings = { token_request_format: 'json', client_auth: 'client_secret_post', audience: 'x' };
    const { headers, body } = await send(code, settings);
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(body)).toEqual({
      grant_type: 'authorization_code',
      code: 'c',
      redirect_uri: 'r',
      audience: 'x',
      client_id: 'me',
      client_secret: 's3cret',
    });
  });

  it('names the client beside Basic (d09)', async () => {
    const { form, headers } = await send(refresh, { client_id_in_body: true });
    expect(form).toMatchObject({ client_id: 'me' });
    expect(form).not.toHaveProperty('client_secret');
    expect(headers.authorization).toMatch(/^Basic /);
    provider.recorded.length = 0;
    expect((await send(refresh)).form).not.toHaveProperty('client_id');
  });

  it('says grant_type in the words of the server (d04)', async () => {
    const settings = {
      grant_type_names: { client_credentials: 'account_credentials' },
      token_parameters_by_grant: { client_credentials: { account_id: 'A1' } },
    };
    expect((await send(machine, settings)).form).toEqual({
      grant_type: 'account_credentials',
      account_id: 'A1',
      scope: 'a b',
    });
    provider.recorded.length = 0;
    expect((await send(refresh, settings)).form).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'r1',
    });
  });

  it('has other parameters for code and refresh (d11)', async () => {
    const settings = {
      token_parameters: { type: 'any', all: '1' },
      token_parameters_by_grant: {
        authorization_code: { type: 'web_server' },
        refresh_token: { type: 'refresh' },
      },
    };
    expect((await send(code, settings)).form).toMatchObject({ type: 'web_server', all: '1' });
    provider.recorded.length = 0;
    expect((await send(refresh, settings)).form).toMatchObject({ type: 'refresh', all: '1' });
    provider.recorded.length = 0;
    expect((await send(machine, settings)).form).toMatchObject({ type: 'any', all: '1' });
  });

  it.each<[object, string | undefined]>([
    [{}, undefined],
    [{ send_scope_on_refresh: true }, 'a b'],
    [{ send_scope_on_refresh: true, scope_separator: ',' }, 'a,b'],
    [{ send_scope_on_refresh: true, send_scope: false }, undefined],
  ])('carries the scope on refresh with %j: %p', async (settings, scope) => {
    expect((await send(refresh, settings)).form['scope']).toBe(scope);
  });

  it('names a resource that is no address', async () => {
    expect((await send(machine, { resource: 'urn:example:api' })).form['resource']).toBe('urn:example:api');
  });

  it('carries scopes of several thousand characters (d15)', async () => {
    const scope = Array.from({ length: 800 }, (_, i) => `scope:${i}`).join(' ');
    expect(scope.length).toBeGreaterThan(7_500);
    expect((await send(machine, { default_scope: scope })).form['scope']).toBe('a b');
    provider.recorded.length = 0;
    expect((await send({ type: 'client_credentials' }, { default_scope: scope })).form['scope']).toBe(scope);
  });
});

describe('the address', () => {
  it('is another for refreshing (d03)', async () => {
    const settings = { refresh_endpoint: `${provider.origin}/v1/oauth/refresh?x=1` };
    expect((await send(refresh, settings)).line).toBe('POST /v1/oauth/refresh?x=1');
    provider.recorded.length = 0;
    expect((await send(code, settings)).line).toBe('POST /token');
  });
});

describe('client assertions', () => {
  it('are signed with the shared secret: client_secret_jwt', async () => {
    const { form, headers } = await send(refresh, { client_auth: 'client_secret_jwt' });
    expect(headers.authorization).toBeUndefined();
    expect(form).not.toHaveProperty('client_secret');
    const { payload, protectedHeader } = await jwtVerify(
      form['client_assertion'] ?? '',
      Buffer.from('s3cret'),
      {
        issuer: 'me',
        subject: 'me',
        audience: `${provider.origin}/token`,
        requiredClaims: ['jti', 'iat', 'exp'],
      },
    );
    expect(protectedHeader.alg).toBe('HS256');
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(120);
  });

  it('are for the address they are sent to, where a server wants that', async () => {
    const refreshAt = `${provider.origin}/refresh`;
    const settings = {
      client_auth: 'client_secret_jwt',
      issuer: 'https://i.example',
      refresh_endpoint: refreshAt,
    };
    const audienceWith = async (audience: string) => {
      provider.recorded.length = 0;
      const { form } = await send(refresh, { ...settings, client_assertion_audience: audience });
      return decodeJwt(form['client_assertion'] ?? '').aud;
    };
    expect(await audienceWith('endpoint')).toBe(refreshAt);
    expect(await audienceWith('token_endpoint')).toBe(`${provider.origin}/token`);
    expect(await audienceWith('issuer')).toBe('https://i.example');
  });

  it('name the certificate by its thumbprints, and none of another key', async () => {
    const { cert, key } = selfSigned();
    const settings = { client_auth: 'private_key_jwt', client_certificate: cert };
    const { form } = await send(refresh, settings, { kind: 'private_key', value: key });
    const assertion = form['client_assertion'] ?? '';
    const { raw, publicKey } = new X509Certificate(cert);
    await jwtVerify(assertion, createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })));
    expect(decodeProtectedHeader(assertion)).toMatchObject({
      x5t: createHash('sha1').update(raw).digest('base64url'),
      'x5t#S256': createHash('sha256').update(raw).digest('base64url'),
    });
    const other = send(refresh, settings, { kind: 'private_key', value: selfSigned().key });
    await expect(other).rejects.toMatchObject({ code: 'invalid_client', requestSent: false });
  });
});
