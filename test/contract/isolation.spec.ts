import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import type { Answer } from '../support/http.js';
import { type RunningApi, type RunningTenant, runApi } from './running-api.js';

let api: RunningApi;
let acme: RunningTenant;
let globex: RunningTenant;
let foreignKeyId: string;
beforeAll(async () => {
  api = await runApi();
  [acme, globex] = await Promise.all([api.tenant('acme'), api.tenant('globex')]);
  await globex.connect('main');
  foreignKeyId = (await globex.tenantAdmin('GET', `${globex.path}/api_keys`)).json.items[0].id;
});
afterAll(() => api.close());

/** Everything of an answer but the time it was given. */
function whole({ status, headers, text }: Answer) {
  return { status, text, headers: [...headers].filter(([name]) => name !== 'date') };
}

const madeUpId = '019a0000-0000-7000-8000-000000000000';

describe("another tenant's id is not found, byte for byte as a made-up one", () => {
  it.each([
    ['GET', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['GET', '/api_keys'],
    ['POST', '/api_keys'],
    ['GET', '/workload_identities'],
    ['POST', '/workload_identities'],
    ['GET', '/workload_identities/ci'],
    ['GET', '/credentials'],
    ['POST', '/credentials'],
    ['GET', '/credentials/client'],
    ['POST', '/credentials/client/verify'],
    ['POST', '/credentials/client/secrets'],
    ['GET', '/connections'],
    ['POST', '/connections'],
    ['GET', '/connections/main'],
    ['DELETE', '/connections/main'],
    ['POST', '/connections/main/renew'],
    ['POST', '/connections/main/probe'],
    ['GET', '/connections/main/events'],
    ['GET', '/connections/main/token'],
    ['POST', '/connections/main/token/rejections'],
    ['GET', '/webhooks'],
    ['POST', '/webhooks'],
    ['GET', `/webhooks/${madeUpId}`],
    ['GET', `/webhooks/${madeUpId}/deliveries`],
    ['POST', '/deliveries/msg_0/resend'],
  ])('%s /v1/tenants/{tenant}%s', async (method, path) => {
    for (const caller of [acme.tenantAdmin, acme.connector, acme.reader]) {
      const ask = (tenant: string) =>
        caller(method, `/v1/tenants/${tenant}${path}`, method === 'POST' ? {} : undefined);
      const foreign = await ask('globex');
      expect(foreign).toMatchObject({ status: 404, json: { code: 'not_found' } });
      expect(whole(foreign)).toEqual(whole(await ask('nobody-at-all')));
    }
  });

  it.each([
    ['GET', 'credentials/client-2'],
    ['GET', 'connections/main'],
    ['GET', 'connections/main/token'],
    ['GET', 'connections/main/events'],
    ['POST', 'connections/main/renew'],
    ['POST', 'connections/main/probe'],
    ['DELETE', 'connections/main'],
  ])('%s of a name that only another tenant has: %s', async (method, path) => {
    const made = path.replace(/main|client-2/, 'made-up');
    expect(whole(await acme.tenantAdmin(method, `${acme.path}/${path}`))).toEqual(
      whole(await acme.tenantAdmin(method, `${acme.path}/${made}`)),
    );
  });

  it.each(['GET', 'DELETE'])('%s of the row id of a foreign key', async (method) => {
    const foreign = await acme.tenantAdmin(method, `${acme.path}/api_keys/${foreignKeyId}`);
    expect(foreign.status).toBe(404);
    expect(whole(foreign)).toEqual(
      whole(await acme.tenantAdmin(method, `${acme.path}/api_keys/${madeUpId}`)),
    );
    expect(whole(foreign)).toEqual(whole(await acme.tenantAdmin(method, `${acme.path}/api_keys/not-an-id`)));
    expect((await globex.tenantAdmin('GET', `${globex.path}/api_keys/${foreignKeyId}`)).status).toBe(200);
  });

  it('the webhook and the deliveries of another tenant', async () => {
    const url = 'https://receiver.example/hook';
    const { id } = (await globex.tenantAdmin('POST', `${globex.path}/webhooks`, { url })).json;
    await globex.connect('told');
    const [delivery] = (await globex.tenantAdmin('GET', `${globex.path}/webhooks/${id}/deliveries`)).json
      .items;
    const ask = (method: string, webhook: string, message: string, path: string) =>
      acme.tenantAdmin(method, `${acme.path}${path.replace('{webhook}', webhook).replace('{id}', message)}`);
    const madeUp = `msg_${madeUpId.replaceAll('-', '')}`;
    for (const [method, path] of [
      ['GET', '/webhooks/{webhook}'],
      ['DELETE', '/webhooks/{webhook}'],
      ['GET', '/webhooks/{webhook}/deliveries'],
      ['POST', '/webhooks/{webhook}/deliveries/{id}/resend'],
      ['POST', '/deliveries/{id}/resend'],
    ] as const) {
      const foreign = await ask(method, id, delivery.id, path);
      expect(foreign.status).toBe(404);
      expect(whole(foreign)).toEqual(whole(await ask(method, madeUpId, madeUp, path)));
    }
    expect((await globex.tenantAdmin('GET', `${globex.path}/webhooks/${id}`)).status).toBe(200);
  });

  it('a tenant that does not exist, for a platform admin', async () => {
    for (const path of ['', '/connections', '/connections/main/token', '/credentials/x']) {
      expect((await api.admin('GET', `/v1/tenants/nobody${path}`)).status).toBe(404);
    }
  });
});

describe('roles inside their own tenant', () => {
  it.each<[string, string, number, number, number]>([
    // method, path, and what tenant_admin, connector and token_reader get
    ['GET', '', 200, 403, 403],
    ['PATCH', '', 403, 403, 403],
    ['GET', '/api_keys', 200, 403, 403],
    ['GET', '/workload_identities', 200, 403, 403],
    ['POST', '/workload_identities', 400, 403, 403],
    ['DELETE', '/workload_identities/nope', 404, 403, 403],
    ['GET', '/credentials', 200, 403, 403],
    ['GET', '/credentials/client', 200, 403, 403],
    ['POST', '/credentials', 400, 403, 403],
    ['POST', '/credentials/client/secrets', 400, 403, 403],
    ['GET', '/connections', 200, 200, 403],
    ['POST', '/connections', 400, 400, 403],
    ['GET', '/connections/nope', 404, 404, 403],
    ['DELETE', '/connections/nope', 404, 403, 403],
    ['POST', '/connections/nope/renew', 404, 403, 403],
    ['POST', '/connections/nope/probe', 404, 404, 403],
    ['GET', '/connections/nope/token', 404, 403, 404],
    ['POST', '/connections/nope/token/rejections', 400, 403, 400],
    ['GET', '/webhooks', 200, 403, 403],
    ['POST', '/webhooks', 400, 403, 403],
    ['GET', '/webhooks/nope/deliveries', 404, 403, 403],
    ['POST', '/deliveries/nope/resend', 404, 403, 403],
  ])('%s %s', async (method, path, admin, connector, reader) => {
    const statuses = [];
    for (const caller of [acme.tenantAdmin, acme.connector, acme.reader]) {
      const body = method === 'POST' || method === 'PATCH' ? {} : undefined;
      statuses.push((await caller(method, `${acme.path}${path}`, body)).status);
    }
    expect(statuses).toEqual([admin, connector, reader]);
  });

  it.each([
    ['GET', '/v1/tenants'],
    ['POST', '/v1/tenants'],
    ['GET', '/v1/api_keys'],
    ['POST', '/v1/api_keys'],
  ])('%s %s is for the platform only', async (method, path) => {
    for (const caller of [acme.tenantAdmin, acme.connector, acme.reader]) {
      const answer = await caller(method, path, method === 'POST' ? {} : undefined);
      expect(answer).toMatchObject({ status: 403, json: { code: 'forbidden', remedy: expect.any(String) } });
    }
  });

  it('everybody may see the providers and the presets', async () => {
    for (const caller of [api.admin, acme.tenantAdmin, acme.connector, acme.reader]) {
      expect((await caller('GET', '/v1/providers')).status).toBe(200);
      expect((await caller('GET', '/v1/presets')).status).toBe(200);
    }
  });

  it('a reader narrowed to one connection reads that one', async () => {
    await acme.connect('one');
    await acme.connect('two');
    const body = { name: 'narrow', role: 'token_reader', connections: ['one'] };
    const narrow = api.as((await acme.tenantAdmin('POST', `${acme.path}/api_keys`, body)).json.key);
    expect((await narrow('GET', `${acme.path}/connections/one/token`)).status).toBe(200);
    expect((await narrow('GET', `${acme.path}/connections/two/token`)).status).toBe(403);
    expect((await narrow('GET', `${acme.path}/connections/three/token`)).status).toBe(403);
  });

  it('a disabled tenant: its keys are refused, the platform still manages it', async () => {
    const initech = await api.tenant('initech');
    expect((await api.admin('PATCH', initech.path, { disabled: true })).json).toMatchObject({
      disabled: true,
    });
    await eventually(
      async () => expect((await initech.tenantAdmin('GET', initech.path)).status).toBe(401),
      1_000,
    );
    expect((await api.admin('GET', `${initech.path}/credentials`)).status).toBe(200);
    expect((await api.admin('PATCH', initech.path, { disabled: false })).json).toMatchObject({
      disabled: false,
    });
    expect((await initech.tenantAdmin('GET', initech.path)).status).toBe(200);
  });
});
