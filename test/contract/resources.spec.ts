import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/http.js';
import { contactCenterClient } from '../support/onboarding.js';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from './running-api.js';

let api: RunningApi;
let acme: RunningTenant;
beforeAll(async () => {
  api = await runApi();
  acme = await api.tenant('acme');
});
afterAll(() => api.close());

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('tenants', () => {
  it('are made, renamed, and shredded with everything in them', async () => {
    const made = await api.admin('POST', '/v1/tenants', { id: 'short-lived', name: 'Short' });
    expect(made.json).toEqual({
      id: 'short-lived',
      name: 'Short',
      disabled: false,
      renewal_weight: 1,
      branding: null,
      audit_reads: 'batched',
      rate_limit_per_second: null,
      key_rate_limit_per_second: null,
      created_at: expect.stringMatching(rfc3339),
    });
    expect((await api.admin('PATCH', '/v1/tenants/short-lived', { name: 'Long' })).json.name).toBe('Long');
    await api.admin('POST', '/v1/tenants/short-lived/credentials', contactCenterClient);
    expect((await api.admin('DELETE', '/v1/tenants/short-lived')).status).toBe(204);
    expect((await api.admin('GET', '/v1/tenants/short-lived')).status).toBe(404);
    expect((await api.admin('DELETE', '/v1/tenants/short-lived')).status).toBe(404);
  });
});

describe('credentials', () => {
  it('never show a secret, and settings show their defaults', async () => {
    const read = await acme.tenantAdmin('GET', `${acme.path}/credentials/client`);
    expect(read.json).toEqual({
      id: 'client',
      provider: 'vonage-contact-center',
      client_id: contactCenterClient.client_id,
      settings: expect.objectContaining({ region: 'emea', version: 'v0' }),
      created_at: expect.stringMatching(rfc3339),
      updated_at: expect.stringMatching(rfc3339),
    });
  });

  it('are named by themselves when nobody names them', async () => {
    const made = await acme.tenantAdmin('POST', `${acme.path}/credentials`, contactCenterClient);
    expect(made).toMatchObject({ status: 201, json: { id: expect.stringMatching(/^cred-[a-z0-9]{12}$/) } });
  });

  it('merge settings, by the rules of the provider', async () => {
    const path = `${acme.path}/credentials/client`;
    const { client_secret } = contactCenterClient;
    const toBody = { client_secret, settings: { client_auth: 'body' } };
    const changed = await acme.tenantAdmin('PATCH', path, toBody);
    expect(changed.json.settings).toMatchObject({ region: 'emea', client_auth: 'body' });
    expect(await acme.tenantAdmin('PATCH', path, { settings: { region: null } })).toMatchObject({
      status: 400,
      json: { errors: [{ field: 'settings.region' }] },
    });
    expect(await acme.tenantAdmin('PATCH', path, { client_secret: 'x' })).toMatchObject({
      status: 400,
      json: { errors: [{ field: 'client_secret' }] },
    });
    const back = await acme.tenantAdmin('PATCH', path, { client_secret, settings: { client_auth: null } });
    expect(back.json.settings.client_auth).toBe('basic');
  });

  it('take a next secret, tried first when asked to', async () => {
    const path = `${acme.path}/credentials/client/secrets`;
    const wrong = await acme.tenantAdmin('POST', `${path}?verify=true`, { client_secret: 'wrong' });
    expect(wrong.status).toBe(422);
    const { client_secret } = contactCenterClient;
    expect((await acme.tenantAdmin('POST', `${path}?verify=true`, { client_secret })).json).toEqual({
      version: 2,
    });
    expect((await acme.tenantAdmin('GET', path)).json.items[0]).toMatchObject({ kind: 'client_secret' });
  });
});

describe('connections', () => {
  it('look as the contract says', async () => {
    const body = { id: 'crm', credential: 'client', grant: 'client_credentials', renewal: 'eager' };
    const made = await acme.connector('POST', `${acme.path}/connections`, body);
    expect(made.status).toBe(201);
    expect(made.json).toEqual({
      id: 'crm',
      tenant: 'acme',
      credential: 'client',
      provider: 'vonage-contact-center',
      grant: 'client_credentials',
      subject: null,
      scope: made.json.scope,
      missing_scopes: [],
      labels: {},
      fields: {},
      account: null,
      paused: false,
      status: 'active',
      renewal: 'eager',
      generation: 1,
      access_token_expires_at: expect.stringMatching(rfc3339),
      refresh_token_expires_at: null,
      next_renewal_at: expect.stringMatching(rfc3339),
      last_renewed_at: expect.stringMatching(rfc3339),
      last_error: null,
    });
    expect((await acme.connector('GET', `${acme.path}/connections/crm`)).json).toEqual(made.json);
  });

  it('change their renewal, renew on demand, and tell what happened', async () => {
    const path = `${acme.path}/connections/crm`;
    expect((await acme.tenantAdmin('PATCH', path, { renewal: 'on_demand' })).json.renewal).toBe('on_demand');
    expect((await acme.tenantAdmin('POST', `${path}/renew`)).json).toMatchObject({
      generation: 2,
      status: 'active',
    });
    const events = await acme.tenantAdmin('GET', `${path}/events`);
    expect(events.json).toEqual({
      items: [
        {
          id: expect.stringMatching(/^\d+$/),
          type: 'connection.active',
          at: expect.stringMatching(rfc3339),
          data: { generation: 1 },
        },
      ],
      next_cursor: null,
    });
  });

  it('are probed where there is a way to', async () => {
    expect(await acme.tenantAdmin('POST', `${acme.path}/connections/crm/probe`)).toMatchObject({
      status: 200,
      json: { alive: null, reason: 'not_probeable' },
    });
  });

  it('renewed while the provider is down: 503, and the old token stays', async () => {
    await api.sandbox.rule({ match: { provider: contactCenterClient.provider }, status: 503, body: '' });
    const path = `${acme.path}/connections/crm`;
    const answer = await acme.tenantAdmin('POST', `${path}/renew`);
    expect(answer).toMatchObject({ status: 503, json: { code: 'provider_unavailable' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await acme.tenantAdmin('GET', path)).json).toMatchObject({
      status: 'degraded',
      generation: 2,
      last_error: { code: expect.any(String), remedy: expect.any(String), attempts: 1 },
    });
    expect((await acme.reader('GET', `${path}/token`)).status).toBe(200);
  });

  it('refused by the provider on renewal: 422', async () => {
    await api.sandbox.rule({
      match: { provider: contactCenterClient.provider },
      status: 401,
      content_type: 'application/json',
      body: { error: 'invalid_client' },
      times: 2,
    });
    const answer = await acme.tenantAdmin('POST', `${acme.path}/connections/crm/renew`);
    expect(answer).toMatchObject({ status: 422, json: { code: 'provider_rejected' } });
    await api.sandbox.clearRules();
  });

  it('can be deleted', async () => {
    expect((await acme.tenantAdmin('DELETE', `${acme.path}/connections/crm`)).status).toBe(204);
    expect((await acme.reader('GET', `${acme.path}/connections/crm/token`)).status).toBe(404);
  });
});

describe('lists', () => {
  /** All pages, each of at most `limit`. */
  async function pages(client: Client, path: string, limit: number) {
    const found: string[][] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query = new URLSearchParams({ limit: String(limit), ...(cursor ? { cursor } : {}) });
      const { json } = await client('GET', `${path}${path.includes('?') ? '&' : '?'}${query}`);
      found.push(json.items.map((item: { id: string }) => item.id));
      cursor = json.next_cursor;
    }
    return found;
  }

  it('come in pages, in order, nothing twice and nothing left out', async () => {
    const names = ['p1', 'p2', 'p3', 'p4', 'p5'];
    const paged = await api.tenant('paged');
    for (const name of names) await paged.connect(name);
    expect(await pages(paged.tenantAdmin, `${paged.path}/connections`, 2)).toEqual([
      ['p1', 'p2'],
      ['p3', 'p4'],
      ['p5'],
    ]);
    expect(await pages(paged.tenantAdmin, `${paged.path}/connections`, 5)).toEqual([names]);
    expect((await pages(paged.tenantAdmin, `${paged.path}/api_keys`, 1)).flat()).toHaveLength(3);
    expect((await pages(api.admin, '/v1/tenants', 1)).flat()).toEqual(
      expect.arrayContaining(['acme', 'paged']),
    );
  });

  it('of connections are narrowed by each filter, by several at once, and page by page', async () => {
    const { tenantAdmin, path, connect } = await api.tenant('narrowed');
    await connect('plain');
    await expectStatus(
      201,
      tenantAdmin('POST', `${path}/credentials`, { id: 'other', ...contactCenterClient }),
    );
    for (const number of [1, 2, 3]) {
      const body = {
        credential: 'other',
        grant: 'client_credentials',
        subject: 'a b&c',
        labels: { team: 'x' },
      };
      await expectStatus(201, tenantAdmin('POST', `${path}/connections`, { id: `o${number}`, ...body }));
    }
    await api.database.query(
      "update gk.connections set access_token_expires_at = '2030-01-01T12:00:00Z' where slug in ('o1', 'o2')",
    );
    await api.database.query("update gk.connections set access_token_expires_at = null where slug = 'o3'");
    const listed = async (filters: Record<string, string>, limit = 50) =>
      (await pages(tenantAdmin, `${path}/connections?${new URLSearchParams(filters)}`, limit)).flat();
    const all = ['plain', 'o1', 'o2', 'o3'];
    expect(await listed({ status: 'active' })).toEqual(all);
    expect(await listed({ status: 'degraded' })).toEqual([]);
    expect(await listed({ provider: 'vonage-contact-center' })).toEqual(all);
    expect(await listed({ provider: 'net2phone-canada' })).toEqual([]);
    expect(await listed({ credential: 'other' })).toEqual(['o1', 'o2', 'o3']);
    expect(await listed({ credential: 'nobody' })).toEqual([]);
    expect(await listed({ subject: 'a b&c' })).toEqual(['o1', 'o2', 'o3']);
    expect(await listed({ subject: 'a' })).toEqual([]);
    expect(await listed({ expires_before: '2030-01-01T12:00:00Z' })).toEqual(['plain']);
    expect(await listed({ expires_before: '2030-01-01T14:00:00.001+02:00' })).toEqual(['plain', 'o1', 'o2']);
    expect(await listed({ expires_before: '0001-01-01T00:00:00+14:00' })).toEqual([]);
    expect(await listed({ expires_before: '9999-12-31T23:59:59-12:00' })).toEqual(['plain', 'o1', 'o2']);
    const together = {
      status: 'active',
      provider: 'vonage-contact-center',
      credential: 'other',
      subject: 'a b&c',
      label: 'team:x',
      expires_before: '2031-01-01T00:00:00Z',
    };
    expect(await listed(together)).toEqual(['o1', 'o2']);
    expect(await listed(together, 1)).toEqual(['o1', 'o2']);
    expect(await listed({ ...together, credential: 'client' })).toEqual([]);
  });

  it.each([
    'status=gone',
    'provider=',
    'provider=A%20B',
    'credential=',
    'credential=A%20B',
    'subject=',
    'subject=a%0Ab',
    'subject=a&subject=b',
    'label=team',
    'expires_before=',
    'expires_before=tomorrow',
    'expires_before=2030-01-01',
    'expires_before=2030-01-01T12:00:00',
    'expires_before=2030-13-01T12:00:00Z',
    'expires_before=1893499200',
    'expires_after=2030-01-01T12:00:00Z',
    'limit=0',
    'limit=201',
    'cursor=next',
  ])('of connections?%s is 400 and named', async (query) => {
    const answer = await acme.tenantAdmin('GET', `${acme.path}/connections?${query}`);
    expect(answer).toMatchObject({
      status: 400,
      json: { code: 'invalid_request', errors: [{ field: query.split('=', 1)[0] }] },
    });
  });
});

describe('providers', () => {
  it('describe themselves with JSON Schema 2020-12', async () => {
    const { json } = await acme.reader('GET', '/v1/providers');
    const ids = json.items.map((item: { id: string }) => item.id);
    expect(ids.sort()).toEqual([
      'generic-oauth2',
      'net2phone-canada',
      'vonage-business',
      'vonage-contact-center',
      'vonage-network',
    ]);
    for (const provider of json.items) {
      expect(provider).toMatchObject({
        grants: expect.arrayContaining([expect.any(String)]),
        lifetimes: expect.any(Object),
        credential_schema: { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' },
        settings_schema: { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' },
        rotation: expect.stringMatching(/^(none|grace|confirm_on_use|strict)$/),
        renewal_invalidates_previous: expect.any(Boolean),
        ciba_reissue: expect.any(Boolean),
      });
    }
  });
});

describe('presets', () => {
  const settings = { preset: 'zendesk', preset_inputs: { subdomain: 'acme' } };
  const create = (given: object) =>
    acme.tenantAdmin('POST', `${acme.path}/credentials`, {
      provider: 'generic-oauth2',
      client_id: 'c',
      client_secret: 's',
      settings: given,
    });

  it('say what they are and what they leave open', async () => {
    const { json } = await acme.reader('GET', '/v1/presets');
    const files = readdirSync(join(import.meta.dirname, '../../libs/providers/generic-oauth2/presets'));
    expect(json.items.map(({ id }: { id: string }) => `${id}.json`)).toEqual(files.sort());
    expect(json.next_cursor).toBeNull();
    expect(json.items.find(({ id }: { id: string }) => id === 'zendesk')).toMatchObject({
      provider: 'generic-oauth2',
      title: 'Zendesk',
      documentation_url: expect.stringMatching(/^https:\/\/developer\.zendesk\.com\//),
      verified: false,
      grants: expect.arrayContaining(['authorization_code']),
      inputs: { subdomain: { title: 'Subdomain', pattern: expect.any(String), examples: ['acme'] } },
      settings: { token_endpoint: 'https://{subdomain}.zendesk.com/oauth/tokens' },
    });
  });

  it('are taken with what they leave open, and refused by its name without it', async () => {
    expect(await create(settings)).toMatchObject({ status: 201, json: { settings } });
    const wrong = [{}, { subdomain: 'acme.evil.example' }, { subdomain: 'acme/..' }];
    for (const preset_inputs of wrong) {
      expect(await create({ preset: 'zendesk', preset_inputs })).toMatchObject({
        status: 400,
        json: { code: 'invalid_request', errors: [{ field: 'settings.preset_inputs.subdomain' }] },
      });
    }
    expect(await create({ preset: 'zendesk' })).toMatchObject({
      status: 400,
      json: { errors: [{ field: 'settings.preset_inputs.subdomain' }] },
    });
  });
});
