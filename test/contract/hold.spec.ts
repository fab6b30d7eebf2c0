import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HoldRepository } from '#vault';
import { type RunningApi, type RunningTenant, runApi } from './running-api.js';

let api: RunningApi;
let acme: RunningTenant;
beforeAll(async () => {
  api = await runApi();
  acme = await api.tenant('acme');
  await acme.connect('main');
});
afterAll(() => api.close());

describe('/v1/hold', () => {
  it('says that nothing is held, and refuses to release nothing', async () => {
    expect((await api.admin('GET', '/v1/hold')).json).toEqual({
      held: false,
      reason: null,
      remedy: null,
      details: {},
      held_at: null,
      released_at: null,
      released_by: null,
    });
    expect(await api.admin('POST', '/v1/hold', { release: true })).toMatchObject({
      status: 409,
      json: { code: 'conflict' },
    });
  });

  it('is a platform administrator’s alone', async () => {
    for (const caller of [acme.tenantAdmin, acme.connector, acme.reader]) {
      expect((await caller('GET', '/v1/hold')).status).toBe(403);
      expect((await caller('POST', '/v1/hold', { release: true })).status).toBe(403);
    }
  });

  it.each([{}, { release: false }, { release: true, force: true }, 'release'])('refuses %j', async (body) => {
    const answer = await api.admin('POST', '/v1/hold', body);
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
  });

  it('holds renewals but neither tokens nor readiness, says why, and is released once, on record', async () => {
    await api.app.get(HoldRepository).hold('database_behind', { connections: 3 });
    expect((await api.admin('GET', '/v1/hold')).json).toMatchObject({
      held: true,
      reason: 'database_behind',
      remedy: expect.stringContaining('release'),
      details: { connections: 3 },
      released_at: null,
    });
    expect((await api.anonymous('GET', '/readyz')).status).toBe(200);
    expect((await acme.reader('GET', `${acme.path}/connections/main/token`)).status).toBe(200);
    const renewed = await acme.tenantAdmin('POST', `${acme.path}/connections/main/renew`);
    expect(renewed).toMatchObject({
      status: 503,
      json: { code: 'unavailable', remedy: expect.stringContaining('/v1/hold') },
    });
    expect(Number(renewed.headers.get('retry-after'))).toBeGreaterThan(0);
    const added = await acme.tenantAdmin('POST', `${acme.path}/connections`, {
      id: 'another',
      credential: 'client',
      grant: 'client_credentials',
    });
    expect(added.status).toBe(503);

    const released = await api.admin('POST', '/v1/hold', { release: true });
    expect(released).toMatchObject({
      status: 200,
      json: { held: false, reason: 'database_behind', released_by: expect.stringMatching(/\w/) },
    });
    expect((await acme.tenantAdmin('POST', `${acme.path}/connections/main/renew`)).status).toBe(200);
    const { items } = (await api.admin('GET', '/v1/audit_events')).json;
    expect(items).toContainEqual(expect.objectContaining({ action: 'POST /v1/hold', outcome: '200' }));
    expect((await api.admin('POST', '/v1/hold', { release: true })).status).toBe(409);
  });
});
