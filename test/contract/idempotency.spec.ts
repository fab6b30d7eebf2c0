import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { contactCenterClient } from '../support/onboarding.js';
import { type RunningApi, type RunningTenant, runApi } from './running-api.js';

let api: RunningApi;
let acme: RunningTenant;
beforeAll(async () => {
  api = await runApi();
  acme = await api.tenant('acme');
});
afterAll(() => api.close());

const under = (key: string) => ({ 'idempotency-key': key });

describe('Idempotency-Key', () => {
  it('answers the same request again, and does it once', async () => {
    const body = { id: 'once', name: 'Once' };
    const first = await api.admin('POST', '/v1/tenants', body, under('k1'));
    const second = await api.admin('POST', '/v1/tenants', body, under('k1'));
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.json).toEqual(first.json);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect((await api.admin('POST', '/v1/tenants', body)).status).toBe(409);
  });

  it('another body under the same key is a conflict', async () => {
    await api.admin('POST', '/v1/tenants', { id: 'two', name: 'Two' }, under('k2'));
    const answer = await api.admin('POST', '/v1/tenants', { id: 'three', name: 'Three' }, under('k2'));
    expect(answer).toMatchObject({ status: 409, json: { code: 'conflict', remedy: expect.any(String) } });
    expect((await api.admin('GET', '/v1/tenants/three')).status).toBe(404);
  });

  it('belongs to one caller and one route', async () => {
    const key = { name: 'x', role: 'token_reader' };
    const first = await acme.tenantAdmin('POST', `${acme.path}/api_keys`, key, under('k3'));
    const other = await api.admin('POST', `${acme.path}/api_keys`, key, under('k3'));
    const elsewhere = await api.admin('POST', '/v1/api_keys', { name: 'x' }, under('k3'));
    expect([first.status, other.status, elsewhere.status]).toEqual([201, 201, 201]);
    expect(new Set([first.json.id, other.json.id, elsewhere.json.id]).size).toBe(3);
  });

  it('a replayed key creation comes without the key', async () => {
    const body = { name: 'x', role: 'connector' };
    const first = await acme.tenantAdmin('POST', `${acme.path}/api_keys`, body, under('k4'));
    const second = await acme.tenantAdmin('POST', `${acme.path}/api_keys`, body, under('k4'));
    const { key, ...rest } = first.json;
    expect(key).toMatch(/^gk_c_/);
    expect(second.json).toEqual(rest);
    expect(second.text).not.toContain(key);
    const kept = await api.database.query('select body::text as body from gk.idempotency_keys');
    expect(JSON.stringify(kept)).not.toContain(key);
  });

  it('a replayed creation of a webhook comes without its secret', async () => {
    const body = { url: 'https://receiver.example/hook' };
    const first = await acme.tenantAdmin('POST', `${acme.path}/webhooks`, body, under('k4w'));
    const second = await acme.tenantAdmin('POST', `${acme.path}/webhooks`, body, under('k4w'));
    const { secret, ...rest } = first.json;
    expect(secret).toMatch(/^whsec_/);
    expect(second.json).toEqual(rest);
  });

  it('of ten at once, one does it; the others conflict or replay', async () => {
    const body = { id: 'racing', ...contactCenterClient };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        acme.tenantAdmin('POST', `${acme.path}/credentials?verify=true`, body, under('k5')),
      ),
    );
    const fresh = answers.filter(
      ({ status, headers }) => status === 201 && !headers.has('idempotency-replayed'),
    );
    expect(fresh).toHaveLength(1);
    for (const answer of answers) expect([201, 409]).toContain(answer.status);
    expect(
      (await acme.tenantAdmin('POST', `${acme.path}/credentials?verify=true`, body, under('k5'))).status,
    ).toBe(201);
  });

  it('replays refusals, as problem documents', async () => {
    const body = { id: 'wrong', ...contactCenterClient, client_secret: 'wrong-canary' };
    const path = `${acme.path}/credentials?verify=true`;
    const first = await acme.tenantAdmin('POST', path, body, under('k6'));
    const second = await acme.tenantAdmin('POST', path, body, under('k6'));
    expect([first.status, second.status]).toEqual([422, 422]);
    expect(second.json).toEqual(first.json);
    expect(second.headers.get('content-type')).toBe('application/problem+json');
  });

  it('does not keep an outage', async () => {
    const client = { ...contactCenterClient, id: 'later' };
    await api.sandbox.rule({ match: { provider: contactCenterClient.provider }, status: 503, body: '' });
    const path = `${acme.path}/credentials?verify=true`;
    expect((await acme.tenantAdmin('POST', path, client, under('k7'))).status).toBe(503);
    expect((await acme.tenantAdmin('POST', path, client, under('k7'))).status).toBe(201);
  });

  it('replays a deletion', async () => {
    await acme.connect('gone');
    const remove = () => acme.tenantAdmin('DELETE', `${acme.path}/connections/gone`, undefined, under('k8'));
    expect((await remove()).status).toBe(204);
    const again = await remove();
    expect([again.status, again.text]).toEqual([204, '']);
    await api.tenant('doomed');
    const shred = () => api.admin('DELETE', '/v1/tenants/doomed', undefined, under('k9'));
    expect([(await shred()).status, (await shred()).status]).toEqual([204, 204]);
  });

  it('ends after 24 hours', async () => {
    const body = { id: 'daily', name: 'Daily' };
    expect((await api.admin('POST', '/v1/tenants', body, under('k10'))).status).toBe(201);
    await api.database.setClockOffset(24 * 3_600 + 1);
    expect((await api.admin('POST', '/v1/tenants', body, under('k10'))).status).toBe(409);
    await api.database.setClockOffset(0);
  });
});

describe('the deletion of a tenant, asked for again', () => {
  it('is 202 while the rows of a large tenant are left, which is gone for everybody, and 404 then', async () => {
    const large = await api.tenant('large');
    await large.connect('one');
    // As another replica leaves it when it dies in the middle.
    await api.database.query(
      "update gk.tenants set removed_at = gk.now(), disabled_at = gk.now() where slug = 'large'",
    );
    expect((await large.tenantAdmin('GET', `${large.path}/connections/one`)).status).toBe(401);
    for (const [method, path, body] of [
      ['GET', ''],
      ['PATCH', '', { disabled: false }],
      ['GET', '/connections/one'],
      ['GET', '/connections/one/token'],
    ] as const) {
      expect((await api.admin(method, `/v1/tenants/large${path}`, body)).status).toBe(404);
    }
    expect((await api.admin('GET', '/v1/tenants?limit=100')).text).not.toContain('"large"');
    expect((await api.admin('POST', '/v1/tenants', { id: 'large', name: 'New' })).status).toBe(409);
    const removal = await api.admin('DELETE', '/v1/tenants/large');
    expect([removal.status, removal.text]).toEqual([202, '']);
    expect((await api.admin('DELETE', '/v1/tenants/large')).status).toBe(404);
    expect((await api.admin('POST', '/v1/tenants', { id: 'large', name: 'New' })).status).toBe(201);
  });
});
