import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { IssuerMetadataClient } from '#oauth-http';
import type { AuthorizationRequest, ClientSecret, ProviderClient, TokenGrant } from '#provider-kit';
import { formOf, type Recorder, soon, startRecorder } from '../recorder.spec-support.js';
import { GenericOauth2Adapter } from './generic-oauth2.adapter.js';
import { settingsSchema } from './generic-oauth2.schemas.js';

let provider: Recorder;
let adapter: GenericOauth2Adapter;
beforeAll(async () => {
  provider = await startRecorder();
  const options = { ...provider.options('other'), egressAllow: ['http://127.0.0.1:*'] };
  const client = provider.client(options);
  adapter = new GenericOauth2Adapter(client, new IssuerMetadataClient(client));
});
afterAll(() => provider.close());
beforeEach(() => {
  provider.recorded.length = 0;
  provider.answer(200, { access_token: 't', token_type: 'Bearer', expires_in: 60 });
});

const secret: ClientSecret = { kind: 'client_secret', value: 's+s' };
const endpoints = () => ({
  token_endpoint: `${provider.origin}/token`,
  authorization_endpoint: `${provider.origin}/authorize?tenant=1`,
  backchannel_authentication_endpoint: `${provider.origin}/bc`,
  revocation_endpoint: `${provider.origin}/revoke`,
});
const clientWith = (settings: object = {}): ProviderClient => ({
  clientId: 'me',
  secret,
  settings: settingsSchema.parse({ ...endpoints(), ...settings }),
});
const sent = () => formOf(provider.recorded[0]?.body ?? '');
const send = (grant: TokenGrant, settings = {}) =>
  adapter.sendTokenRequest(clientWith(settings), grant, soon());

const wanted: AuthorizationRequest = {
  redirectUri: 'https://a.example/cb',
  state: 's',
  scope: 'a b',
  subject: null,
  codeChallenge: 'challenge',
};
const code: TokenGrant = { type: 'authorization_code', code: 'c', redirectUri: 'r', codeVerifier: 'v' };
const refresh: TokenGrant = { type: 'refresh_token', refreshToken: 'r', scope: 'Role Name' };

describe('the authorization request', () => {
  const parametersOf = async (settings: object, request = wanted) => {
    const outcome = await adapter.authorizationCode.begin(clientWith(settings), request, soon());
    if (outcome.kind !== 'redirect') throw new Error('No redirect.');
    return Object.fromEntries(new URL(outcome.authorizationUrl).searchParams);
  };
  const plain = {
    tenant: '1',
    response_type: 'code',
    client_id: 'me',
    redirect_uri: 'https://a.example/cb',
    scope: 'a b',
    state: 's',
  };
  const pkce = { code_challenge: 'challenge', code_challenge_method: 'S256' };

  it('has PKCE, and keeps the query of the endpoint', async () => {
    expect(await parametersOf({})).toEqual({ ...plain, ...pkce });
  });

  it('bends as the settings have it', async () => {
    const settings = {
      authorization_parameters: { access_type: 'offline' },
      scope_separator: ',',
      resource: 'https://api.example/',
      audience: 'api',
    };
    expect(await parametersOf(settings)).toEqual({
      ...plain,
      ...pkce,
      scope: 'a,b',
      access_type: 'offline',
      resource: 'https://api.example/',
      audience: 'api',
    });
    expect(await parametersOf({ code_challenge_method: 'none' })).toEqual(plain);
    const { scope: _, ...withoutScope } = plain;
    expect(await parametersOf({ send_scope: false })).toEqual({ ...withoutScope, ...pkce });
    const unnamed = { ...wanted, scope: null };
    expect(await parametersOf({ default_scope: 'x' }, unnamed)).toMatchObject({ scope: 'x' });
    expect(await parametersOf({}, unnamed)).toEqual({ ...withoutScope, ...pkce });
  });

  it('goes nowhere but by https', async () => {
    await expect(
      parametersOf({ authorization_endpoint: 'http://idp.example/authorize' }),
    ).rejects.toMatchObject({ code: 'egress_refused', requestSent: false });
    await expect(parametersOf({ authorization_endpoint: undefined })).rejects.toMatchObject({
      code: 'invalid_request',
      requestSent: false,
    });
  });
});

describe('the token request', () => {
  it('sends the verifier with the code, unless there was no challenge', async () => {
    await send(code);
    expect(sent()).toEqual({
      grant_type: 'authorization_code',
      code: 'c',
      redirect_uri: 'r',
      code_verifier: 'v',
    });
    provider.recorded.length = 0;
    await send(code, { code_challenge_method: 'none' });
    expect(sent()).not.toHaveProperty('code_verifier');
  });

  it('never sends a scope on refresh', async () => {
    await send(refresh, { default_scope: 'x', token_parameters: { extra: '1' } });
    expect(sent()).toEqual({ grant_type: 'refresh_token', refresh_token: 'r', extra: '1' });
  });

  it('has the password grant, with the suffix once', async () => {
    const password: TokenGrant = { type: 'password', username: 'jane', password: 'p' };
    const settings = { allow_password_grant: true, username_suffix: '@x', default_scope: 'openid' };
    await send(password, settings);
    expect(sent()).toEqual({
      grant_type: 'password',
      username: 'jane@x',
      password: 'p',
      scope: 'openid',
    });
    provider.recorded.length = 0;
    await send({ ...password, username: 'jane@x' }, settings);
    expect(sent()['username']).toBe('jane@x');
  });

  it('has no password grant unless the settings allow it', async () => {
    const password: TokenGrant = { type: 'password', username: 'jane', password: 'p' };
    await expect(send(password, {})).rejects.toMatchObject({
      code: 'unsupported_grant_type',
      requestSent: false,
    });
    expect(provider.recorded).toEqual([]);
  });

  it('proves the client as the grant needs it', async () => {
    const settings = {
      allow_password_grant: true,
      basic_encoding: 'raw',
      client_auth_by_grant: { refresh_token: 'client_secret_post', password: 'none' },
    };
    await send(code, settings);
    await send(refresh, settings);
    await send({ type: 'password', username: 'u', password: 'p' }, settings);
    const [basic, inBody, without] = provider.recorded;
    expect(basic?.headers.authorization).toBe(`Basic ${Buffer.from('me:s+s').toString('base64')}`);
    expect(formOf(basic?.body ?? '')).not.toHaveProperty('client_id');
    expect(formOf(inBody?.body ?? '')).toMatchObject({ client_id: 'me', client_secret: 's+s' });
    expect(formOf(without?.body ?? '')).toMatchObject({ client_id: 'me' });
    expect(without?.body).not.toContain('client_secret');
    expect([inBody, without].map((request) => request?.headers.authorization)).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe('CIBA', () => {
  const begin = (loginHint: string, scope: string | null, settings: object = {}) =>
    adapter.backchannel.begin(clientWith(settings), { grant: 'ciba', loginHint, scope }, soon());

  it('asks and polls', async () => {
    provider.answer(200, { auth_req_id: 'q', expires_in: 120 });
    expect(await begin('jane', 'a')).toEqual({
      kind: 'started',
      grant: { type: 'ciba', authReqId: 'q' },
      expiresInSeconds: 120,
      intervalSeconds: 5,
    });
    expect(provider.recorded[0]).toMatchObject({
      line: 'POST /bc',
      headers: { authorization: expect.stringMatching(/^Basic /) },
      body: 'scope=openid+a&login_hint=jane',
    });
    provider.recorded.length = 0;
    await send({ type: 'ciba', authReqId: 'q' });
    expect(sent()).toEqual({ grant_type: 'urn:openid:params:grant-type:ciba', auth_req_id: 'q' });
  });

  it('prefixes the hint once, and says openid once', async () => {
    for (const hint of ['+44', 'tel:+44']) {
      await begin(hint, 'openid a', { login_hint_prefix: 'tel:' });
    }
    expect(provider.recorded.map(({ body }) => body)).toEqual(
      Array(2).fill('scope=openid+a&login_hint=tel%3A%2B44'),
    );
  });

  it('does not guess how long a request lives', async () => {
    provider.answer(200, { auth_req_id: 'q' });
    expect(await begin('jane', 'a')).toMatchObject({ failure: { code: 'malformed_response' } });
  });
});

describe('the answers', () => {
  const read = async (settings: object, body: object, status = 200) => {
    provider.answer(status, body);
    const response = await send(refresh, settings);
    return adapter.readTokenResponse(response, { grant: 'refresh_token', client: clientWith(settings) });
  };

  it('are read as the settings have it', async () => {
    const settings = {
      assumed_expires_in: 900,
      assumed_refresh_expires_in: 86_400,
      token_type_optional: true,
      error_codes: { TOKEN_REVOKED: 'invalid_grant' },
    };
    expect(await read(settings, { access_token: 't', refresh_token: 'r2' })).toMatchObject({
      tokens: { expiresInSeconds: 900, refreshTokenExpiresInSeconds: 86_400 },
    });
    // The one in use was not replaced: using it has kept it alive.
    expect(await read(settings, { access_token: 't' })).toMatchObject({
      tokens: { refreshTokenExpiresInSeconds: 86_400 },
    });
    expect(await read(settings, { error: 'TOKEN_REVOKED' }, 400)).toMatchObject({
      failure: { code: 'invalid_grant', class: 'terminal' },
    });
    expect(await read({}, { error: 'TOKEN_REVOKED' }, 400)).toMatchObject({
      failure: { code: 'provider_refused', providerError: 'TOKEN_REVOKED' },
    });
  });

  it('are read whatever the settings are', () => {
    const client = { clientId: 'me', settings: { issuer: 7, no: 'setting' } };
    const response = { status: 200, contentType: '', body: '{"access_token":"t","token_type":"bearer"}' };
    expect(adapter.readTokenResponse(response, { grant: 'refresh_token', client })).toMatchObject({
      failure: { code: 'malformed_response' },
    });
  });
});

describe('revocation', () => {
  it('is RFC 7009', async () => {
    provider.answer(200, '');
    expect(await adapter.revoke(clientWith(), 'tok', 'access_token', soon())).toBe(true);
    expect(provider.recorded[0]).toMatchObject({
      line: 'POST /revoke',
      headers: { authorization: expect.stringMatching(/^Basic /) },
      body: 'token=tok&token_type_hint=access_token',
    });
    provider.answer(400, { error: 'unsupported_token_type' });
    await expect(adapter.revoke(clientWith(), 'tok', 'access_token', soon())).rejects.toMatchObject({
      name: 'UpstreamError',
      requestSent: true,
    });
    const nowhere = clientWith({ revocation_endpoint: undefined });
    expect(await adapter.revoke(nowhere, 'tok', 'access_token', soon())).toBe(false);
  });
});

describe('the issuer in callbacks (RFC 9207)', () => {
  const callbackIssuer = (settings: object) =>
    adapter.authorizationCode.callbackIssuer?.(clientWith(settings), soon());
  const metadata = (path: string, promise?: boolean) => {
    const issuer = `${provider.origin}/${path}`;
    provider.answer(200, { issuer, authorization_response_iss_parameter_supported: promise });
    return issuer;
  };

  it('is promised where the server says so, or the settings do', async () => {
    const promised = metadata('promised', true);
    expect(await callbackIssuer({ issuer: promised })).toEqual({ issuer: promised, isPromised: true });
    const silent = metadata('silent');
    expect(await callbackIssuer({ issuer: silent })).toEqual({ issuer: silent, isPromised: false });
    const said = { authorization_response_iss_parameter_supported: true };
    expect(await callbackIssuer({ issuer: silent, ...said })).toEqual({ issuer: silent, isPromised: true });
    const unsaid = { authorization_response_iss_parameter_supported: false };
    expect(await callbackIssuer({ issuer: promised, ...unsaid })).toEqual({
      issuer: promised,
      isPromised: false,
    });
    expect(await callbackIssuer({})).toBeNull();
  });

  it('is not passed over when nobody can tell', async () => {
    provider.answer(500, '');
    await expect(callbackIssuer({ issuer: `${provider.origin}/down` })).rejects.toMatchObject({
      name: 'UpstreamError',
    });
  });
});

describe('one token per user', () => {
  const keyOf = (settings: object, subject: string | null, scope: string | null = null) =>
    adapter.exclusiveKey(clientWith(settings), { grant: 'password', subject, scope });

  it('is a setting', () => {
    const one = { one_token_per_user: true, default_scope: 'a b' };
    expect(keyOf({}, 'jane')).toBeNull();
    expect(keyOf(one, null)).toBeNull();
    expect(keyOf(one, 'jane', 'b a')).toBe(keyOf(one, 'jane'));
    const others = [
      keyOf(one, 'joe'),
      keyOf(one, 'jane', 'a'),
      keyOf({ ...one, token_endpoint: 'https://x' }, 'jane'),
    ];
    expect(new Set([keyOf(one, 'jane'), ...others]).size).toBe(4);
  });
});
