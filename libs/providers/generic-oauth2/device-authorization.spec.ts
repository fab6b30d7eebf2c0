import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { IssuerMetadataClient } from '#oauth-http';
import type { ProviderClient } from '#provider-kit';
import { formOf, type Recorder, soon, startRecorder } from '../recorder.spec-support.js';
import { GenericOauth2Adapter } from './generic-oauth2.adapter.js';
import { settingsSchema } from './generic-oauth2.schemas.js';

/** The example of RFC 8628 §3.2. */
const answer = {
  device_code: 'GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS',
  user_code: 'WDJB-MJHT',
  verification_uri: 'https://example.com/device',
  verification_uri_complete: 'https://example.com/device?user_code=WDJB-MJHT',
  expires_in: 1800,
  interval: 7,
};

describe('the grant device_code', () => {
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
  });

  const client = (settings: object = {}): ProviderClient => ({
    clientId: 'me',
    secret: { kind: 'none', value: '' },
    settings: settingsSchema.parse({
      token_endpoint: `${provider.origin}/token`,
      device_authorization_endpoint: `${provider.origin}/device`,
      ...settings,
    }),
  });
  const begin = (body: unknown, status = 200) => {
    provider.answer(status, body);
    return adapter.backchannel.begin(client(), { grant: 'device_code', loginHint: '', scope: 'a b' }, soon());
  };

  it('is begun as RFC 8628 §3.1 has it', async () => {
    expect(await begin(answer)).toEqual({
      kind: 'started',
      grant: { type: 'device_code', deviceCode: answer.device_code },
      expiresInSeconds: 1_800,
      intervalSeconds: 7,
      prompt: {
        userCode: 'WDJB-MJHT',
        verificationUri: answer.verification_uri,
        verificationUriComplete: answer.verification_uri_complete,
      },
    });
    expect(provider.recorded[0]?.line).toBe('POST /device');
    expect(formOf(provider.recorded[0]?.body ?? '')).toEqual({ client_id: 'me', scope: 'a b' });
  });

  it('waits five seconds where the server does not say, and at least one', async () => {
    const { interval: _, ...silent } = answer;
    expect(await begin(silent)).toMatchObject({ intervalSeconds: 5 });
    expect(await begin({ ...answer, interval: 0 })).toMatchObject({ intervalSeconds: 1 });
  });

  it('takes verification_url, as some servers write it', async () => {
    const { verification_uri: url, verification_uri_complete: _, ...rest } = answer;
    expect(await begin({ ...rest, verification_url: url })).toMatchObject({
      prompt: { verificationUri: url },
    });
  });

  it.each([
    ['no code', { device_code: undefined }],
    ['no user code', { user_code: '' }],
    ['an address that is none', { verification_uri: 'javascript:alert(1)' }],
    ['no lifetime', { expires_in: undefined }],
    ['an error', { error: 'invalid_scope' }],
  ])('is not begun with %s', async (_case, changed) => {
    expect((await begin({ ...answer, ...changed })).kind).toBe('failed');
  });

  it('polls with the device code', async () => {
    provider.answer(400, { error: 'authorization_pending' });
    const grant = { type: 'device_code', deviceCode: 'd' } as const;
    const response = await adapter.sendTokenRequest(client(), grant, soon());
    expect(formOf(provider.recorded[0]?.body ?? '')).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: 'd',
      client_id: 'me',
    });
    const context = { grant: 'device_code', client: client() } as const;
    expect(adapter.readTokenResponse(response, context)).toEqual({ kind: 'pending', slowDown: false });
  });

  it.each([
    ['slow_down', { kind: 'pending', slowDown: true }],
    ['expired_token', { kind: 'failed', failure: { code: 'expired_token', class: 'terminal' } }],
    ['access_denied', { kind: 'failed', failure: { code: 'access_denied', class: 'terminal' } }],
    // Only CIBA ends a request by this word.
    ['invalid_request', { kind: 'failed', failure: { code: 'invalid_request', class: 'configuration' } }],
  ])('understands %s', async (error, outcome) => {
    const response = { status: 400, contentType: 'application/json', body: JSON.stringify({ error }) };
    const context = { grant: 'device_code', client: client() } as const;
    expect(adapter.readTokenResponse(response, context)).toMatchObject(outcome);
  });
});
