import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { verifySignature } from '@vonage/jwt';
import { z } from 'zod';
import {
  type AuthorizationRequest,
  type ProviderClient,
  ProviderRegistry,
  type TokenGrant,
} from '#provider-kit';
import { formOf, type Recorder, soon, startRecorder } from '../recorder.spec-support.js';
import { VonageNetworkAdapter } from './vonage-network.adapter.js';
import { authorizationCodeFields, cibaFields, settingsSchema } from './vonage-network.schemas.js';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const publicPem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();

let provider: Recorder;
let adapter: VonageNetworkAdapter;
beforeAll(async () => {
  provider = await startRecorder();
  const options = provider.options('vonage-network');
  adapter = new VonageNetworkAdapter(provider.client(options));
});
afterAll(() => provider.close());
beforeEach(() => {
  provider.recorded.length = 0;
});

function clientWith(settings: Record<string, unknown> = {}): ProviderClient {
  const secret = { kind: 'private_key', value: pem } as const;
  return { clientId: 'app-1', secret, settings: settingsSchema.parse(settings) };
}

/** Every request proves the application the same way, and no body names a client. */
function expectApplicationJwt() {
  for (const { headers, body } of provider.recorded) {
    const [scheme, jwt = ''] = (headers.authorization ?? '').split(' ');
    expect(scheme).toBe('Bearer');
    expect(verifySignature(jwt, publicPem)).toBe(true);
    expect(body).not.toMatch(/client_(id|secret|assertion)/);
  }
  const jwts = provider.recorded.map(({ headers }) => headers.authorization);
  expect(new Set(jwts).size).toBe(jwts.length);
}

// Vendor page "Client Authentication", "Response Example".
const scope = 'dpv:FraudPreventionAndDetection#number-verification-verify-read';
const authUrl =
  'https://api-eu.vonage.com/oauth2/auth?client_id=sandbox_test&scope=dpv%3AFraudPreventionAndDetection%23number-verification-verify-read&state=v2_840e17a8-79f2-1a277bff&redirect_uri=https%3A%2F%2Fui.idp.vonage.com%2Fcamara%2Foauth%2Fcallback&response_type=code';
const request: AuthorizationRequest = {
  redirectUri: 'https://app.example/callback',
  state: 'ours',
  scope,
  subject: '+447700900000',
  codeChallenge: 'challenge',
};
const begin = (settings = {}, wanted = request) =>
  adapter.authorizationCode.begin(clientWith(settings), wanted, soon());

describe('Network Enablement', () => {
  it('asks as the page has it, and passes the address on as it is', async () => {
    provider.answer(200, { scopes: { [scope]: { auth_url: authUrl, requires_carrier_network: false } } });
    expect(await begin()).toEqual({
      kind: 'redirect',
      authorizationUrl: authUrl,
      alternateState: 'v2_840e17a8-79f2-1a277bff',
      requiresCarrierNetwork: false,
    });
    expect(provider.recorded[0]).toMatchObject({
      line: 'POST /v0.1/network-enablement',
      headers: { 'content-type': 'application/json' },
    });
    expect(JSON.parse(provider.recorded[0]?.body ?? '')).toEqual({
      phone_number: '+447700900000',
      scopes: [scope],
      state: 'ours',
    });
    expectApplicationJwt();
    expect(adapter.authorizationCode.bindsBrowser).toBe(false);
  });

  it('asks with the purpose as a scope of its own, as CAMARA has it', async () => {
    const address = `${authUrl}&ui_locales=en-GB%20cy&acr_values=2&prompt=none`;
    provider.answer(200, {
      scopes: {
        'dpv:FraudPreventionAndDetection': { status: 403, code: 'X', message: 'no API' },
        'number-verification:verify:read': { auth_url: address },
      },
    });
    const wanted = { ...request, scope: 'dpv:FraudPreventionAndDetection number-verification:verify:read' };
    // The browser brings along whatever else an address carries.
    expect(await begin({}, wanted)).toMatchObject({ kind: 'redirect', authorizationUrl: address });
    expect(JSON.parse(provider.recorded[0]?.body ?? '')).toEqual({
      phone_number: '+447700900000',
      scopes: ['dpv:FraudPreventionAndDetection', 'number-verification:verify:read'],
      state: 'ours',
    });
  });

  it("names the list of scopes as the page's table does, if told to", async () => {
    provider.answer(200, { scopes: { [scope]: { auth_url: authUrl, requires_carrier_network: true } } });
    expect(await begin({ scopes_field: 'scope' })).toMatchObject({ requiresCarrierNetwork: true });
    const body = JSON.parse(provider.recorded[0]?.body ?? '');
    expect(body).toEqual({ phone_number: '+447700900000', scope: [scope], state: 'ours' });
  });

  it.each([
    ['no state', 'https://op.example/auth?x=1'],
    ['two of them', 'https://op.example/auth?state=a&state=b'],
    ['an empty one', 'https://op.example/auth?state='],
  ])('knows no other state where the address has %s', async (_name, address) => {
    provider.answer(200, { scopes: { [scope]: { auth_url: address } } });
    const outcome = await begin();
    expect(outcome).toMatchObject({ kind: 'redirect', authorizationUrl: address });
    expect(outcome).not.toHaveProperty('alternateState');
  });

  it('takes an address at the origin that stands in for the provider', async () => {
    const address = `${provider.origin}/oauth2/auth?state=theirs`;
    provider.answer(200, { scopes: { [scope]: { auth_url: address } } });
    expect(await begin()).toMatchObject({ kind: 'redirect', authorizationUrl: address });
  });

  it.each([
    'http://op.example/auth',
    'javascript:alert(1)',
    'data:text/html,x',
    'https://user:pass@op.example/auth',
    '//op.example/auth',
    'auth',
    '',
  ])('sends no browser to %p', async (address) => {
    provider.answer(200, { scopes: { [scope]: { auth_url: address } } });
    expect(await begin()).toMatchObject({ kind: 'failed', failure: { code: 'malformed_response' } });
  });

  const refusals: [string, number, unknown, string][] = [
    ['an error in the entry', 200, entry({ error: 'invalid_scope' }), 'invalid_scope'],
    ['an error beside an address', 200, entry({ error: 'x', auth_url: authUrl }), 'provider_refused'],
    ['CAMARA in the entry', 200, entry({ status: 404, code: 'X', message: 'no' }), 'not_supported'],
    ['CAMARA without a status', 200, entry({ code: 'NOT_FOUND', message: 'no' }), 'not_supported'],
    ['a permission in the entry', 200, entry({ status: 403, code: 'A', message: 'b' }), 'permission_denied'],
    ['a problem in the entry', 200, entry({ title: 'Bad', detail: 'x' }), 'invalid_request'],
    ['an empty entry', 200, entry({}), 'malformed_response'],
    ['no entry', 200, { scopes: {} }, 'malformed_response'],
    ['an entry for another scope', 200, { scopes: { other: { auth_url: authUrl } } }, 'malformed_response'],
    ['no scopes', 200, {}, 'malformed_response'],
    ['a list', 200, { scopes: [{ auth_url: authUrl }] }, 'malformed_response'],
    ['HTML', 200, '<html>', 'malformed_response'],
    ['an address in an error', 400, entry({ auth_url: authUrl }), 'invalid_request'],
    ['the JWT refused', 401, { type: 'x', title: 'Unauthorized', detail: 'no' }, 'invalid_client'],
    ['not allowed', 403, { status: 403, code: 'PERMISSION_DENIED', message: 'no' }, 'permission_denied'],
    ['not allowed, in one word', 403, 'Forbidden', 'permission_denied'],
    ['an unknown number', 404, { title: 'Not found' }, 'not_supported'],
    ['too often', 429, '', 'rate_limited'],
    ['down', 503, '', 'temporarily_unavailable'],
  ];
  it.each(refusals)('%s', async (_name, status, body, code) => {
    provider.answer(status, body);
    expect(await begin()).toMatchObject({ kind: 'failed', failure: { code, status } });
  });

  it('is not asked without a scope', async () => {
    await expect(begin({}, { ...request, scope: null })).rejects.toMatchObject({ code: 'invalid_scope' });
    expect(provider.recorded).toEqual([]);
  });
});

function entry(content: object): object {
  return { scopes: { [scope]: content } };
}

describe('the token request', () => {
  const send = (grant: TokenGrant) => adapter.sendTokenRequest(clientWith(), grant, soon());

  it("exchanges the code with the dashboard's redirect URI", async () => {
    provider.answer(200, { access_token: 't', token_type: 'Bearer', expires_in: 29 });
    const grant: TokenGrant = {
      type: 'authorization_code',
      code: 'c',
      redirectUri: request.redirectUri,
      codeVerifier: 'v',
    };
    const context = { grant: 'authorization_code', client: clientWith() } as const;
    expect(adapter.readTokenResponse(await send(grant), context)).toMatchObject({
      tokens: { accessToken: 't', expiresInSeconds: 29 },
    });
    expect(provider.recorded[0]?.line).toBe('POST /oauth2/token');
    expect(formOf(provider.recorded[0]?.body ?? '')).toEqual({
      grant_type: 'authorization_code',
      code: 'c',
      redirect_uri: request.redirectUri,
    });
    expectApplicationJwt();
  });

  it.each<TokenGrant>([{ type: 'client_credentials' }, { type: 'password', username: 'u', password: 'p' }])(
    'does not exist for $type',
    async (grant) => {
      const served = new ProviderRegistry([adapter]).get('vonage-network');
      const sent = served.sendTokenRequest(clientWith(), grant, soon());
      await expect(sent).rejects.toMatchObject({ code: 'unsupported_grant_type', requestSent: false });
    },
  );
});

describe('where it goes', () => {
  it.each(['eu', 'us', 'ap'])('region %s', async (region) => {
    const options = {
      ...provider.options('other'),
      lookup: ((hostname, _options, callback) =>
        callback(
          Object.assign(new Error('no'), { code: `AT_${hostname.replace(/\W/g, '_').toUpperCase()}` }),
          '',
        )) as NonNullable<Parameters<Recorder['client']>[0]['lookup']>,
    };
    const direct = new VonageNetworkAdapter(provider.client(options));
    const attempt = direct.backchannel.begin(
      clientWith({ region }),
      { grant: 'ciba', loginHint: '+447700900000', scope },
      soon(),
    );
    await expect(attempt).rejects.toMatchObject({
      code: 'upstream_unreachable',
      message: expect.stringContaining(`api-${region}.vonage.com`),
    });
  });
});

describe('what a connection must name', () => {
  const hintMisfit = (login_hint: string, settings = {}) =>
    adapter.findFieldMisfit(settingsSchema.parse(settings), 'ciba', { login_hint });

  it.each(['+447700900000', '+12025550123'])('takes %s', (number) => {
    expect(authorizationCodeFields.safeParse({ phone_number: number, scope }).success).toBe(true);
    for (const login_hint of [number, `tel:${number}`]) {
      expect(cibaFields.safeParse({ login_hint, scope: `openid ${scope}` }).success).toBe(true);
      expect(hintMisfit(login_hint)).toBeUndefined();
    }
  });

  it.each([
    '447700900000',
    '07700900000',
    '+0447700900',
    '+44 7700 900000',
    '+1',
    `+${'1'.repeat(16)}`,
    'tel:',
  ])('does not take the number %p', (number) => {
    const path = (error?: z.ZodError) => error?.issues[0]?.path;
    expect(path(authorizationCodeFields.safeParse({ phone_number: number, scope }).error)).toEqual([
      'phone_number',
    ]);
    expect(hintMisfit(number)).toEqual({ field: 'login_hint', message: expect.stringContaining('E.164') });
  });

  it.each([
    ['ipport:', 'ipport:203.0.113.7:50000', true],
    ['ipport:', '203.0.113.7:50000', true],
    ['ipport:', 'ipport:[2001:db8::7]:50000', true],
    ['ipport:', '203.0.113.7', false],
    ['ipport:', 'phone.example:50000', false],
    ['ipport:', '+447700900000', false],
    ['operatortoken:', 'operatortoken:eyJhbGci.x_y-z', true],
    ['operatortoken:', 'eyJhbGci', true],
    ['operatortoken:', 'tel:+447700900000', false],
    ['operatortoken:', 'operatortoken:a b', false],
    ['tel:', 'ipport:203.0.113.7:50000', false],
    ['tel:', 'operatortoken:x', false],
    ['', 'operatortoken:x', false],
  ])('with the login hint prefix %p, %p: %p', (prefix, hint, fits) => {
    expect(hintMisfit(hint, { login_hint_prefix: prefix }) === undefined).toBe(fits);
  });

  it('keeps the login hint of a number, and of nothing that is good once', () => {
    const keeps = (settings = {}) => adapter.keepsLoginHint(settingsSchema.parse(settings));
    expect([keeps(), keeps({ login_hint_prefix: '' })]).toEqual([true, true]);
    const others = ['ipport:', 'operatortoken:'].map((prefix) => keeps({ login_hint_prefix: prefix }));
    expect(others).toEqual([false, false]);
  });

  it.each([
    'dpv:FraudPreventionAndDetection number-verification:verify:read',
    'number-verification:verify dpv:RequestedServiceProvision',
  ])('takes the purpose as a scope of its own: %p', (wanted) => {
    const named = { phone_number: '+447700900000', scope: wanted };
    expect(authorizationCodeFields.safeParse(named).success).toBe(true);
    expect(cibaFields.safeParse({ login_hint: '+447700900000', scope: `openid ${wanted}` }).success).toBe(
      true,
    );
  });

  it.each([
    'dpv:A dpv:B',
    'dpv:A sim-swap:check sim-swap:retrieve-date',
    `dpv:A ${scope}`,
    'dpv:A openid',
    'openid dpv:A',
  ])('takes one purpose with one scope for a code, and not %p', (wanted) => {
    const { error } = authorizationCodeFields.safeParse({ phone_number: '+447700900000', scope: wanted });
    expect(error?.issues[0]?.path).toEqual(['scope']);
  });

  it.each([
    ['dpv:A sim-swap:check sim-swap:retrieve-date', true],
    ['dpv:A#check-sim-swap dpv:B#retrieve-sim-swap-date', true],
    ['dpv:A dpv:B sim-swap:check', false],
    ['dpv:A dpv:A#check-sim-swap', false],
  ])('one purpose for CIBA: %p is %p', (wanted, fits) => {
    expect(cibaFields.safeParse({ login_hint: '+447700900000', scope: wanted }).success).toBe(fits);
  });

  it.each([undefined, '', 'openid', `${scope} ${scope}`, `openid ${scope}`, 'dpv:X', '#check-sim-swap'])(
    'takes exactly one scope, and not %p',
    (wrong) => {
      const { error } = authorizationCodeFields.safeParse({ phone_number: '+447700900000', scope: wrong });
      expect(error?.issues[0]?.path).toEqual(['scope']);
    },
  );

  it('becomes JSON Schema', () => {
    expect(z.toJSONSchema(authorizationCodeFields)).toMatchObject({ additionalProperties: false });
    expect(z.toJSONSchema(cibaFields)).toMatchObject({ required: ['login_hint', 'scope'] });
  });
});

describe('single use', () => {
  it.each([
    [scope, true],
    [`openid ${scope}`, true],
    ['number-verification-verify-read', true],
    ['openid dpv:FraudPreventionAndDetection number-verification:verify:read', true],
    ['number-verification:device-phone-number:read dpv:NotApplicable', true],
    ['dpv:FraudPreventionAndDetection sim-swap:check', false],
    ['dpv:FraudPreventionAndDetection#check-sim-swap', false],
    ['dpv:NotApplicable#number-verification-verify-read-hashed', false],
    [null, false],
  ])('%p: %p', (of, once) => expect(adapter.isSingleUse(of)).toBe(once));
});
