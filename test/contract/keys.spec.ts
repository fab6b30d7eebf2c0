import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningApi, type RunningTenant, runApi } from './running-api.js';

let api: RunningApi;
let acme: RunningTenant;
beforeAll(async () => {
  api = await runApi();
  acme = await api.tenant('acme');
});
afterAll(() => api.close());

describe('/v1/keys', () => {
  it('says which key-encryption key wraps how much, and rewraps what is left, on record', async () => {
    const { items } = (await api.admin('GET', '/v1/keys')).json;
    expect(items).toEqual([
      {
        id: expect.any(String),
        state: 'newest',
        data_keys: 1,
        callers: 4,
        signs_audit: true,
        removable: false,
        remedy: null,
      },
    ]);
    expect(await api.admin('POST', '/v1/keys/rewrap')).toMatchObject({
      status: 200,
      json: { rewrapped: 0, left: 0 },
    });
    const events = (await api.admin('GET', '/v1/audit_events')).json.items;
    expect(events).toContainEqual(
      expect.objectContaining({ action: 'POST /v1/keys/rewrap', outcome: '200' }),
    );
  });

  it('is a platform administrator’s alone', async () => {
    for (const caller of [acme.tenantAdmin, acme.connector, acme.reader]) {
      expect((await caller('GET', '/v1/keys')).status).toBe(403);
      expect((await caller('POST', '/v1/keys/rewrap')).status).toBe(403);
    }
    expect((await api.anonymous('GET', '/v1/keys')).status).toBe(401);
  });
});
