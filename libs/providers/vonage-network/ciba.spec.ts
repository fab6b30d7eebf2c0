import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ProviderClient, TokenGrant } from '#provider-kit';
import { formOf, type Recorder, soon, startRecorder } from '../recorder.spec-support.js';
import { VonageNetworkAdapter } from './vonage-network.adapter.js';
import { settingsSchema } from './vonage-network.schemas.js';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

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

const scope = 'dpv:FraudPreventionAndDetection#check-sim-swap';
const begin = (loginHint: string, wanted: string, settings = {}) =>
  adapter.backchannel.begin(clientWith(settings), { grant: 'ciba', loginHint, scope: wanted }, soon());

describe('bc-authorize', () => {
  it('sends the form of the page, and nothing of it twice', async () => {
    provider.answer(200, { auth_req_id: 'r', expires_in: '120', interval: '2' });
    expect(await begin('+447700900000', scope)).toEqual({
      kind: 'started',
      grant: { type: 'ciba', authReqId: 'r' },
      expiresInSeconds: 120,
      intervalSeconds: 2,
    });
    expect(provider.recorded[0]).toMatchObject({
      line: 'POST /oauth2/bc-authorize',
      headers: { authorization: expect.stringMatching(/^Bearer ey/) },
      body: 'login_hint=tel%3A%2B447700900000&scope=openid+dpv%3AFraudPreventionAndDetection%23check-sim-swap',
    });
  });

  it.each([
    ['+447700900000', {}, 'tel:+447700900000'],
    ['tel:+447700900000', {}, 'tel:+447700900000'],
    ['+447700900000', { login_hint_prefix: '' }, '+447700900000'],
    ['tel:+447700900000', { login_hint_prefix: '' }, '+447700900000'],
    ['203.0.113.7:50000', { login_hint_prefix: 'ipport:' }, 'ipport:203.0.113.7:50000'],
    ['ipport:203.0.113.7:50000', { login_hint_prefix: 'ipport:' }, 'ipport:203.0.113.7:50000'],
    ['operatortoken:a.b-c', { login_hint_prefix: 'operatortoken:' }, 'operatortoken:a.b-c'],
  ])('login_hint %p with %j is %p', async (hint, settings, sent) => {
    await begin(hint, scope, settings);
    expect(formOf(provider.recorded[0]?.body ?? '')['login_hint']).toBe(sent);
  });

  it.each([scope, `openid ${scope}`, `${scope} openid`])(
    'scope %p has openid once, first',
    async (wanted) => {
      await begin('+447700900000', wanted);
      expect(formOf(provider.recorded[0]?.body ?? '')['scope']).toBe(`openid ${scope}`);
    },
  );

  it.each([
    [{ expires_in: 300, interval: 3 }, 300, 3],
    [{ expires_in: '300' }, 300, 5],
    [{ expires_in: 300, interval: 0 }, 300, 1],
    [{ expires_in: 300, interval: '0' }, 300, 1],
    [{ expires_in: 300, interval: null }, 300, 5],
    [{ expires_in: 300, interval: 'soon' }, 300, 5],
    [{ interval: 2 }, 120, 2],
    [{ expires_in: 0, interval: 2 }, 120, 2],
  ])('%j lives %d s and may be asked after %d s', async (said, expiresInSeconds, intervalSeconds) => {
    provider.answer(200, { auth_req_id: 'r', ...said });
    expect(await begin('+447700900000', scope)).toMatchObject({ expiresInSeconds, intervalSeconds });
  });

  it('cuts an operator token from the words of a refusal', async () => {
    provider.answer(400, { error: 'invalid_request', error_description: 'token k7Q2 of app-1 is over' });
    const outcome = await begin('operatortoken:k7Q2', scope, { login_hint_prefix: 'operatortoken:' });
    expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'invalid_request' } });
    expect(JSON.stringify(outcome)).not.toContain('k7Q2');
  });

  const refusals: [string, number, unknown, string][] = [
    ['no network', 404, { title: 'Not found', detail: 'no' }, 'not_supported'],
    ['no network, in other words', 404, { error: 'invalid_request' }, 'not_supported'],
    ['a problem', 400, { type: 'x', title: 'Invalid', detail: 'x', instance: 'y' }, 'invalid_request'],
    ['not allowed', 403, { status: 403, code: 'PERMISSION_DENIED', message: 'no' }, 'permission_denied'],
    ['a wrong JWT', 401, { error: 'invalid_client' }, 'invalid_client'],
    ['a wrong scope', 400, { error: 'invalid_scope' }, 'invalid_scope'],
    ['an error in a 200', 200, { error: 'access_denied' }, 'access_denied'],
    ['an error beside an id', 200, { error: 'access_denied', auth_req_id: 'r' }, 'access_denied'],
    ['no id', 200, { expires_in: 120 }, 'malformed_response'],
    ['an id that is none', 200, { auth_req_id: 7, expires_in: 120 }, 'malformed_response'],
    ['an id that cannot be sent', 200, { auth_req_id: 'a\nb', expires_in: 120 }, 'malformed_response'],
    ['HTML', 200, '<html>', 'malformed_response'],
    ['an id in an error', 500, { auth_req_id: 'r', expires_in: 120 }, 'server_error'],
  ];
  it.each(refusals)('%s', async (_name, status, body, code) => {
    provider.answer(status, body);
    expect(await begin('+447700900000', scope)).toMatchObject({ kind: 'failed', failure: { code } });
  });
});

describe('the poll', () => {
  const poll = async (status: number, body: unknown) => {
    provider.answer(status, body);
    const grant: TokenGrant = { type: 'ciba', authReqId: 'r' };
    const response = await adapter.sendTokenRequest(clientWith(), grant, soon());
    return adapter.readTokenResponse(response, { grant: 'ciba', client: clientWith() });
  };

  it('sends the request id alone', async () => {
    const token = { access_token: 't', token_type: 'Bearer', expires_in: '3600' };
    expect(await poll(200, token)).toMatchObject({ kind: 'tokens', tokens: { expiresInSeconds: 3600 } });
    expect(provider.recorded[0]).toMatchObject({
      line: 'POST /oauth2/token',
      body: 'grant_type=urn%3Aopenid%3Aparams%3Agrant-type%3Aciba&auth_req_id=r',
    });
  });

  it('waits while it is told to', async () => {
    expect(await poll(400, { error: 'authorization_pending' })).toEqual({ kind: 'pending', slowDown: false });
    expect(await poll(400, { error: 'slow_down' })).toEqual({ kind: 'pending', slowDown: true });
  });

  it.each([
    ['expired_token', 'expired_token'],
    ['access_denied', 'access_denied'],
    ['invalid_grant', 'invalid_grant'],
    // OpenID CIBA Core §11: that request id is dead.
    ['invalid_request', 'invalid_grant'],
  ])('ends with %s', async (error, code) => {
    expect(await poll(400, { error })).toMatchObject({
      failure: { code, class: 'terminal', providerError: error },
    });
  });

  it('goes on after an outage', async () => {
    expect(await poll(503, { error: 'invalid_grant' })).toMatchObject({ failure: { class: 'transient' } });
    expect(await poll(500, { error: 'access_denied' })).toMatchObject({ failure: { class: 'unknown' } });
  });

  it('takes the shortest life that was ever seen where none is named', async () => {
    expect(await poll(200, { access_token: 't', token_type: 'Bearer' })).toMatchObject({
      tokens: { expiresInSeconds: 29 },
    });
  });
});
