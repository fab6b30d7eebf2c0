import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { ConnectionIdentity, ProviderClient, TokenGrant } from '#provider-kit';
import { formOf, type Recorder, soon, startRecorder } from '../recorder.spec-support.js';
import { vbcUsername } from './vbc-user.js';
import { VonageBusinessAdapter } from './vonage-business.adapter.js';
import { credentialSchema, passwordFields, settingsSchema } from './vonage-business.schemas.js';

let provider: Recorder;
let adapter: VonageBusinessAdapter;
beforeAll(async () => {
  provider = await startRecorder();
  adapter = new VonageBusinessAdapter(provider.client(provider.options('vonage-business')));
});
afterAll(() => provider.close());
beforeEach(() => {
  provider.recorded.length = 0;
  provider.answer(200, vendorAnswer);
});

// Vendor page, the answer of the password grant, its tokens shortened.
const vendorAnswer = {
  access_token: 'xyz123eyJ4NQ..gs7JO2RL-PFI_ld7',
  refresh_token: 'abc123-5903-3513-8d27-333daf581837',
  scope: 'openid',
  id_token: 'abc123eyJ4NQ..gs7JO2RLPFIld7',
  token_type: 'Bearer',
  expires_in: 82566,
};

function clientWith(settings: Record<string, unknown> = {}): ProviderClient {
  const secret = { kind: 'client_secret', value: 'ConsumerSecret1' } as const;
  return { clientId: 'ConsumerKey1', secret, settings: settingsSchema.parse(settings) };
}

const send = (grant: TokenGrant) => adapter.sendTokenRequest(clientWith(), grant, soon());
const read = async (grant: TokenGrant) =>
  adapter.readTokenResponse(await send(grant), { grant: grant.type, client: clientWith() });
const refresh: TokenGrant = { type: 'refresh_token', refreshToken: 'r', scope: 'openid' };

describe('the authorize address', () => {
  it("is the page's, with a state", async () => {
    const outcome = await adapter.authorizationCode.begin(
      clientWith(),
      {
        redirectUri: 'https://app.example/cb?x=1',
        state: 's&s',
        scope: null,
        subject: null,
        codeChallenge: 'c',
      },
      soon(),
    );
    expect(outcome).toEqual({
      kind: 'redirect',
      authorizationUrl: `${provider.origin}/authorize?scope=openid&response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Fx%3D1&client_id=ConsumerKey1&state=s%26s`,
    });
    expect(provider.recorded).toEqual([]);
  });

  it("is the vendor's where nothing stands in for it", async () => {
    const direct = new VonageBusinessAdapter(provider.client(provider.options('other')));
    const wanted = { redirectUri: 'r', state: 's', scope: 'a b', subject: null, codeChallenge: 'c' };
    const outcome = await direct.authorizationCode.begin(clientWith(), wanted, soon());
    expect(outcome).toMatchObject({
      authorizationUrl: expect.stringMatching(/^https:\/\/api\.vonage\.com\/authorize\?scope=a\+b&/),
    });
  });
});

describe('the token request', () => {
  it('authorization code: HTTP Basic, raw, and no client in the body', async () => {
    await send({
      type: 'authorization_code',
      code: 'c',
      redirectUri: 'https://a.example',
      codeVerifier: 'v',
    });
    expect(provider.recorded[0]).toMatchObject({
      line: 'POST /token',
      headers: {
        authorization: `Basic ${Buffer.from('ConsumerKey1:ConsumerSecret1').toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=authorization_code&code=c&redirect_uri=https%3A%2F%2Fa.example',
    });
  });

  it('password: the client in the body, and no Basic', async () => {
    await send({ type: 'password', username: 'jane', password: 'p&w d' });
    expect(provider.recorded[0]?.headers.authorization).toBeUndefined();
    expect(formOf(provider.recorded[0]?.body ?? '')).toEqual({
      grant_type: 'password',
      scope: 'openid',
      username: 'jane@vbc.prod',
      password: 'p&w d',
      client_id: 'ConsumerKey1',
      client_secret: 'ConsumerSecret1',
    });
  });

  it('refresh: the client in the body, no Basic, no scope', async () => {
    await send(refresh);
    expect(provider.recorded[0]?.headers.authorization).toBeUndefined();
    expect(formOf(provider.recorded[0]?.body ?? '')).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'r',
      client_id: 'ConsumerKey1',
      client_secret: 'ConsumerSecret1',
    });
  });

  it.each<TokenGrant>([{ type: 'client_credentials' }, { type: 'ciba', authReqId: 'r' }])(
    'does not exist for $type',
    async (grant) => {
      await expect(send(grant)).rejects.toMatchObject({ code: 'unsupported_grant_type', requestSent: false });
    },
  );

  it.each([
    ['jane', 'jane@vbc.prod'],
    ['a@b.com', 'a@b.com@vbc.prod'],
    ['jane@vbc.prod', 'jane@vbc.prod'],
    ['a@b.com@vbc.prod', 'a@b.com@vbc.prod'],
    ['jane@VBC.prod', 'jane@VBC.prod'],
    ['vbc.prod', 'vbc.prod@vbc.prod'],
  ])('user name %s is %s', (name, sent) => {
    expect(vbcUsername(name)).toBe(sent);
    expect(vbcUsername(vbcUsername(name))).toBe(sent);
  });
});

describe('the answers', () => {
  it('of the page, its id_token kept as it came', async () => {
    expect(await read({ type: 'password', username: 'u', password: 'p' })).toEqual({
      kind: 'tokens',
      tokens: {
        accessToken: vendorAnswer.access_token,
        refreshToken: vendorAnswer.refresh_token,
        scope: 'openid',
        tokenType: 'Bearer',
        expiresInSeconds: 82_566,
        idToken: vendorAnswer.id_token,
      },
    });
  });

  it('of a refresh, with a new refresh token or without', async () => {
    expect(await read(refresh)).toMatchObject({ tokens: { refreshToken: vendorAnswer.refresh_token } });
    const { refresh_token: _, ...without } = vendorAnswer;
    provider.answer(200, without, { DeactivatedAccessToken: 'dead-token-of-before' });
    const outcome = await read(refresh);
    expect(outcome).toMatchObject({ kind: 'tokens' });
    expect(JSON.stringify(outcome)).not.toMatch(/refreshToken|dead-token/);
  });

  it('without an end are clamped', async () => {
    provider.answer(200, '{"access_token":"t","token_type":"Bearer","expires_in":9223372036854775807}');
    expect(await read(refresh)).toMatchObject({ tokens: { expiresInSeconds: 31_536_000 } });
  });

  it.each([500, 502, 503, 504])('%d on refresh is an unknown end, whatever it says', async (status) => {
    provider.answer(status, { error: 'invalid_grant' });
    expect(await read(refresh)).toMatchObject({
      failure: { code: 'server_error', class: 'unknown', status },
    });
  });

  it('503 on another grant is an outage', async () => {
    provider.answer(503, '');
    const password: TokenGrant = { type: 'password', username: 'u', password: 'p' };
    expect(await read(password)).toMatchObject({ failure: { class: 'transient' } });
  });

  it.each([
    ['invalid_grant', 'Persisted access token data not found', 'terminal'],
    ['invalid_grant', 'Refresh token is expired.', 'terminal'],
    [
      'invalid_client',
      'A valid OAuth client could not be found for client_id: ConsumerKey1',
      'configuration',
    ],
    ['unauthorized_client', 'The client ConsumerKey1 is not authorized', 'configuration'],
  ])('%s (%s)', async (error, error_description, kind) => {
    provider.answer(400, { error, error_description });
    const outcome = await read(refresh);
    expect(outcome).toMatchObject({ failure: { code: error, class: kind } });
    expect(JSON.stringify(outcome)).not.toContain('ConsumerKey1');
  });
});

describe('one live token per client, user and scope', () => {
  const keyOf = (identity: Partial<ConnectionIdentity>, clientId = 'k') =>
    adapter.exclusiveKey({ clientId }, { grant: 'password', subject: 'jane', scope: null, ...identity });

  it('is one key, however the three are written and got', () => {
    for (const same of [
      { subject: 'jane@vbc.prod' },
      { subject: 'Jane ' },
      { scope: 'openid' },
      { grant: 'authorization_code' },
      { grant: 'refresh_token' },
    ] as const) {
      expect(keyOf(same)).toBe(keyOf({}));
    }
    expect(keyOf({ scope: 'a b' })).toBe(keyOf({ scope: 'b a' }));
  });

  it('is another for another of the three, and none for a user nobody named', () => {
    const keys = [keyOf({}), keyOf({ subject: 'joe' }), keyOf({ scope: 'x' }), keyOf({}, 'other')];
    expect(new Set(keys).size).toBe(4);
    expect(keyOf({ grant: 'authorization_code', subject: null })).toBeNull();
  });
});

describe('revocation', () => {
  const revoke = (settings: Record<string, unknown>) =>
    adapter.revoke(clientWith(settings), 'the-token', 'refresh_token', soon());

  it('goes where the setting says', async () => {
    provider.answer(200, '');
    await revoke({ revocation_path: '/revoke' });
    expect(provider.recorded[0]).toMatchObject({
      line: 'POST /revoke',
      headers: { authorization: expect.stringMatching(/^Basic /) },
      body: 'token=the-token&token_type_hint=refresh_token',
    });
  });

  it('is not done where there is no place for it, and fails where it did not happen', async () => {
    expect(await revoke({})).toBe(false);
    expect(provider.recorded).toEqual([]);
    provider.answer(503, '');
    await expect(revoke({ revocation_path: '/revoke' })).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      message: expect.not.stringContaining('the-token'),
    });
    provider.answer(200, { error: 'unsupported_token_type' });
    await expect(revoke({ revocation_path: '/revoke' })).rejects.toMatchObject({ requestSent: true });
  });

  it.each(['revoke', '//evil.example', '/a?b', '/a#b', '/a b', 'https://evil.example/', '/@evil.example'])(
    'does not take %p for a path',
    (path) => {
      const { error } = settingsSchema.safeParse({ revocation_path: path });
      expect(error?.issues[0]?.path).toEqual(['revocation_path']);
    },
  );
});

describe('the schemas', () => {
  it('keep no password unless asked to', () => {
    const fields = { username: 'u', password: 'p' };
    expect(passwordFields.parse(fields)).toEqual({ ...fields, keep_password: false });
    expect(passwordFields.parse({ ...fields, keep_password: true }).keep_password).toBe(true);
    expect(passwordFields.safeParse({ username: 'u' }).error?.issues[0]?.path).toEqual(['password']);
    expect(passwordFields.safeParse({ ...fields, keep: 1 }).success).toBe(false);
    expect(credentialSchema.safeParse({ client_id: 'a:b', client_secret: 'x' }).success).toBe(false);
  });

  it('become JSON Schema', () => {
    expect(z.toJSONSchema(passwordFields, { io: 'input' })).toMatchObject({
      required: ['username', 'password'],
      properties: { password: { writeOnly: true } },
    });
  });
});
