import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, TransitStandIn } from '#testing';
import { type RunningApi, type RunningTenant, runApi } from './running-api.js';

let api: RunningApi;
let acme: RunningTenant;
const token = 'canary-transit-token';
const transit = new TransitStandIn(token);
beforeAll(async () => {
  process.env['GRANTKEEPER_KEKS'] = `bao:transit:${await transit.start()}/v1/transit/keys/grantkeeper`;
  process.env['GRANTKEEPER_TRANSIT_TOKEN'] = token;
  api = await runApi();
  acme = await api.tenant('acme');
});
afterAll(async () => {
  await api.close();
  await transit.close();
});

describe('/v1/keys', () => {
  it('says which key-encryption key wraps how much, and rewraps what is left, on record', async () => {
    const { items } = (await api.admin('GET', '/v1/keys')).json;
    expect(items).toEqual([
      {
        id: 'bao',
        state: 'newest',
        kind: 'transit',
        data_keys: 1,
        older_data_keys: 0,
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

  it('that cannot be reached stops only what needs a key that was not opened before, and says so', async () => {
    await acme.connect();
    expect((await api.anonymous('GET', '/readyz')).json).toEqual({ status: 'ok' });
    transit.mood = 'broken';
    const refused = await api.admin('POST', '/v1/tenants', { id: 'later', name: 'later' });
    expect(refused).toMatchObject({
      status: 503,
      json: {
        code: 'unavailable',
        detail: expect.stringContaining('transit of bao: HTTP 503.'),
        reasons: ['key_service_unavailable'],
      },
    });
    expect(refused.text).not.toContain(token);
    expect(await api.anonymous('GET', '/readyz')).toMatchObject({
      status: 200,
      json: { status: 'ok', reasons: ['key_service_unavailable: bao'] },
    });
    const path = `${acme.path}/connections/main`;
    expect((await acme.tenantAdmin('POST', `${path}/renew`)).status).toBe(200);
    expect((await acme.reader('GET', `${path}/token`)).status).toBe(200);

    transit.mood = 'up';
    await eventually(async () =>
      expect((await api.anonymous('GET', '/readyz')).json).toEqual({ status: 'ok' }),
    );
    expect((await api.admin('POST', '/v1/tenants', { id: 'later', name: 'later' })).status).toBe(201);
  });

  it('is a platform administrator’s alone', async () => {
    for (const caller of [acme.tenantAdmin, acme.connector, acme.reader]) {
      expect((await caller('GET', '/v1/keys')).status).toBe(403);
      expect((await caller('POST', '/v1/keys/rewrap')).status).toBe(403);
    }
    expect((await api.anonymous('GET', '/v1/keys')).status).toBe(401);
  });
});

describe('/v1/tenants/{tenant}/keys/rotate', () => {
  it('replaces the data key of one tenant, once until nothing needs the older, on record', async () => {
    const path = '/v1/tenants/acme/keys/rotate';
    const used = async () => (await api.admin('GET', '/v1/keys')).json.items[0];
    const before = await used();
    expect(await api.admin('POST', path)).toMatchObject({ status: 200, json: { version: 2, left: 0 } });
    expect(await api.admin('POST', path)).toMatchObject({ status: 200, json: { version: 2, left: 0 } });
    expect(await used()).toMatchObject({ data_keys: before.data_keys + 1, older_data_keys: 1 });
    const events = (await api.admin('GET', '/v1/tenants/acme/audit_events')).json.items;
    expect(events).toContainEqual(
      expect.objectContaining({
        action: 'POST /v1/tenants/:tenant/keys/rotate',
        data: expect.objectContaining({ changed: { data_key_version: { new: 2 } } }),
      }),
    );
    expect((await acme.tenantAdmin('POST', path)).status).toBe(403);
    expect((await api.admin('POST', '/v1/tenants/nobody/keys/rotate')).status).toBe(404);
  });
});

describe('a data key that is replaced beside changes', () => {
  it('stands in the way of none, nor does the end of what they belong to', async () => {
    const failed: string[] = [];
    for (let round = 0; round < 8; round += 1) {
      const { path, connect } = await api.tenant();
      await connect('main');
      const client = `${path}/credentials/client`;
      const call = async (method: string, at: string, body?: object) => {
        const { status, text } = await api.admin(method, at, body);
        if (status >= 500) failed.push(`${method} ${at}: ${text}`);
      };
      const secrets = async () => {
        for (let n = 0; n < 6; n += 1) await call('POST', `${client}/secrets`, { client_secret: `s${n}` });
      };
      await Promise.all([
        secrets(),
        secrets(),
        call('POST', `${path}/keys/rotate`),
        call('POST', `${path}/keys/rotate`),
        call('POST', `${path}/webhooks`, { url: 'https://receiver.example/hook' }),
        call('POST', `${path}/connections/main/renew`),
        call('DELETE', `${path}/connections/main`).then(() => call('DELETE', client)),
      ]);
    }
    expect(failed).toEqual([]);
  });
});

describe('platform keys', () => {
  it('are kept to the last one, and a key written into the database opens nothing', async () => {
    const made = await api.admin('POST', '/v1/api_keys', { name: 'second' });
    const second = api.as(made.json.key);
    const ids = (await second('GET', '/v1/api_keys')).json.items.map(({ id }: { id: string }) => id);
    const first = ids.find((id: string) => id !== made.json.id);
    expect((await api.admin('DELETE', `/v1/api_keys/${made.json.id}`)).status).toBe(204);
    expect(await api.admin('DELETE', `/v1/api_keys/${first}`)).toMatchObject({
      status: 409,
      json: { code: 'conflict', remedy: expect.any(String) },
    });
    expect((await api.admin('GET', '/v1/api_keys')).status).toBe(200);

    const forged = `forged-${'x'.repeat(40)}`;
    await api.database.query(
      `insert into gk.api_keys (id, name, role, hash, mac_kid, mac)
       select gen_random_uuid(), 'forged', 'platform_admin', sha256(convert_to($1, 'UTF8')), mac_kid, mac
       from gk.api_keys where id = $2`,
      [forged, first],
    );
    expect(await api.as(forged)('GET', '/v1/tenants')).toMatchObject({
      status: 401,
      json: { code: 'unauthenticated' },
    });
  });
});
