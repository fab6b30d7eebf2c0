import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { selfSigned } from '../support/self-signed.js';
import { expectStatus, type RunningApi, runApi } from './running-api.js';

const credentials = '/v1/tenants/acme/credentials';
const [own, other] = [selfSigned(), selfSigned()];

/** The certificate of RFC 8705 is a setting, and its key a secret: only together do they make sense. */
describe('a client certificate', () => {
  let api: RunningApi;
  beforeAll(async () => {
    api = await runApi();
    await expectStatus(201, api.admin('POST', '/v1/tenants', { id: 'acme', name: 'Acme' }));
  });
  afterAll(() => api.close());

  const register = (id: string, secret: object, settings: object) =>
    api.admin('POST', credentials, {
      ...{ id, provider: 'generic-oauth2', client_id: 'app', ...secret },
      settings: { token_endpoint: 'https://a.example/token', client_auth: 'tls_client_auth', ...settings },
    });

  it.each([
    ['of another key', { private_key: own.key }, { client_certificate: other.cert }],
    ['that is missing', { private_key: own.key }, {}],
    ['that is none', { private_key: own.key }, { client_certificate: 'x' }],
    ['with its key in it', { private_key: own.key }, { client_certificate: own.cert + own.key }],
  ])('%s is 400, named', async (_case, secret, settings) => {
    expect(await register('refused', secret, settings)).toMatchObject({
      status: 400,
      json: { errors: [{ field: 'settings.client_certificate' }] },
    });
    expect((await api.admin('GET', `${credentials}/refused`)).status).toBe(404);
  });

  it('needs a private key', async () => {
    const refused = await register('refused', { client_secret: 's' }, { client_certificate: own.cert });
    expect(refused).toMatchObject({ status: 400, json: { errors: [{ field: 'private_key' }] } });
  });

  it('is shown, its key is not, and a next key must fit it', async () => {
    const made = await expectStatus(
      201,
      register('fits', { private_key: own.key }, { client_certificate: own.cert }),
    );
    expect(made.json.settings.client_certificate).toBe(own.cert);
    expect(made.text).not.toContain('PRIVATE KEY');
    expect(await api.admin('POST', `${credentials}/fits/secrets`, { private_key: other.key })).toMatchObject({
      status: 400,
      json: { errors: [{ field: 'settings.client_certificate' }] },
    });
  });
});
