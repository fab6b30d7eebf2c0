import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { jwtVerify } from 'jose';
import { IssuerMetadataClient } from '#oauth-http';
import type { ProviderClient, TokenGrant } from '#provider-kit';
import { formOf, type Recorder, soon, startRecorder } from '../recorder.spec-support.js';
import { GenericOauth2Adapter } from './generic-oauth2.adapter.js';
import { settingsSchema } from './generic-oauth2.schemas.js';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const secret = {
  kind: 'private_key',
  value: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
} as const;
const urn = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

describe('the grant jwt_bearer', () => {
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
    provider.answer(200, { access_token: 't', token_type: 'Bearer', expires_in: 60 });
  });

  const endpoint = () => ({ token_endpoint: `${provider.origin}/token` });
  const grant: TokenGrant = { type: 'jwt_bearer', subject: 'user@example.com', scope: 'a b' };

  async function sent(settings: object, client: Partial<ProviderClient> = {}) {
    const parsed = settingsSchema.parse({ ...endpoint(), ...settings });
    const whole = { clientId: 'app@project.example', secret, settings: parsed, ...client };
    await adapter.sendTokenRequest(whole, grant, soon());
    return formOf(provider.recorded.at(-1)?.body ?? '');
  }

  /** As the server would: signature, audience, issuer, time. */
  const verified = (assertion: string | undefined, audience: string) =>
    jwtVerify(assertion ?? '', createPublicKey(privateKey), {
      audience,
      issuer: 'app@project.example',
      maxTokenAge: '1 hour',
      requiredClaims: ['exp', 'iat', 'jti'],
    });

  it('in the way of Google: for the token endpoint, the scope a claim', async () => {
    const form = await sent({ assertion_claims: { scope: 'x y' }, send_scope: false });
    expect(Object.keys(form).sort()).toEqual(['assertion', 'grant_type']);
    expect(form['grant_type']).toBe(urn);
    const { payload, protectedHeader } = await verified(form['assertion'], `${provider.origin}/token`);
    expect(payload).toMatchObject({ sub: 'user@example.com', scope: 'x y' });
    expect(protectedHeader.alg).toBe('RS256');
  });

  it('in the way of Salesforce: for an audience of its own, and a user', async () => {
    const audience = 'https://login.salesforce.com';
    const form = await sent({ assertion_audience: audience });
    expect(form).toMatchObject({ grant_type: urn, scope: 'a b' });
    const { payload } = await verified(form['assertion'], audience);
    expect(payload.sub).toBe('user@example.com');
  });

  it('is signed anew each time', async () => {
    const [first, second] = [await sent({}), await sent({})];
    expect(first['assertion']).not.toBe(second['assertion']);
  });

  it('authenticates the client besides where the settings say how', async () => {
    const form = await sent({ client_auth_by_grant: { jwt_bearer: 'private_key_jwt' } });
    expect(form).toMatchObject({ grant_type: urn, client_assertion: expect.any(String) });
    expect(form['client_assertion']).not.toBe(form['assertion']);
  });

  it('sends nothing without a private key', async () => {
    const other = { secret: { kind: 'client_secret', value: 's' } } as const;
    await expect(sent({}, other)).rejects.toMatchObject({ code: 'invalid_client', requestSent: false });
    expect(provider.recorded).toEqual([]);
  });

  it.each([
    [{ assertion_claims: { iss: 'another' } }, 'assertion_claims'],
    [{ assertion_claims: { scope: {} } }, 'assertion_claims'],
    [{ assertion_audience: '' }, 'assertion_audience'],
  ])('refuses %j', (settings, field) => {
    const result = settingsSchema.safeParse({ ...endpoint(), ...settings });
    expect(result.error?.issues.map(({ path }) => path[0])).toEqual([field]);
  });
});
