import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { contactCenterClient } from '../support/onboarding.js';
import { type RunningApi, runApi } from './running-api.js';

let api: RunningApi;
beforeAll(async () => {
  api = await runApi();
});
afterAll(() => api.close());

describe('nothing returns a secret', () => {
  it('whatever is asked for after it was sent', async () => {
    const acme = await api.tenant('acme');
    await acme.connect('main');
    const made = await acme.tenantAdmin('POST', `${acme.path}/api_keys`, { name: 'x', role: 'connector' });
    const { access_token } = (await acme.reader('GET', `${acme.path}/connections/main/token`)).json;
    expect(access_token).toEqual(expect.any(String));

    const hook = { url: 'https://receiver.example/hook' };
    const webhook = (await acme.tenantAdmin('POST', `${acme.path}/webhooks`, hook)).json;
    await acme.connect('told');
    const secrets = [contactCenterClient.client_secret, made.json.key, access_token, webhook.secret];
    const paths = [
      '/v1/tenants',
      '/v1/tenants/acme',
      '/v1/api_keys',
      '/v1/tenants/acme/api_keys',
      `/v1/tenants/acme/api_keys/${made.json.id}`,
      '/v1/tenants/acme/credentials',
      '/v1/tenants/acme/credentials/client',
      '/v1/tenants/acme/connections',
      '/v1/tenants/acme/connections/main',
      '/v1/tenants/acme/connections/main/events',
      '/v1/tenants/acme/webhooks',
      `/v1/tenants/acme/webhooks/${webhook.id}`,
      `/v1/tenants/acme/webhooks/${webhook.id}/deliveries`,
      '/openapi.json',
    ];
    for (const path of paths) {
      const { status, text } = await api.admin('GET', path);
      expect([path, status]).toEqual([path, 200]);
      for (const secret of secrets) expect([path, text.includes(secret)]).toEqual([path, false]);
    }
    const { client_secret } = contactCenterClient;
    for (const answer of [
      await acme.tenantAdmin('POST', `${acme.path}/credentials/client/verify`),
      await acme.tenantAdmin('POST', `${acme.path}/credentials/client/secrets`, { client_secret }),
      await acme.tenantAdmin('PATCH', `${acme.path}/credentials/client`, {}),
      await acme.tenantAdmin('POST', `${acme.path}/connections/main/renew`),
    ]) {
      expect(answer.status).toBeLessThan(300);
      for (const secret of secrets) expect(answer.text).not.toContain(secret);
    }
  });
});
