import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from './running-api.js';

let api: RunningApi;
let tenant: RunningTenant;
beforeAll(async () => {
  api = await runApi();
  tenant = await api.tenant();
});
afterAll(() => api.close());

const made = (id: string, more: object = {}) => ({
  id,
  credential: 'client',
  grant: 'client_credentials',
  ...more,
});
const create = (body: object) => tenant.tenantAdmin('POST', `${tenant.path}/connections`, body);
const change = (id: string, body: object) =>
  tenant.tenantAdmin('PATCH', `${tenant.path}/connections/${id}`, body);
const listed = async (query: string) =>
  (await expectStatus(200, tenant.tenantAdmin('GET', `${tenant.path}/connections?${query}`))).json.items.map(
    ({ id }: { id: string }) => id,
  );

describe('labels', () => {
  it('are shown, found by, and replaced as a whole', async () => {
    const labels = { team: 'sales', url: 'https://a.example' };
    expect(await create(made('one', { labels }))).toMatchObject({ status: 201, json: { labels } });
    expect((await create(made('two'))).json.labels).toEqual({});
    expect(await listed('label=team:sales')).toEqual(['one']);
    expect(await listed('label=url:https%3A%2F%2Fa.example')).toEqual(['one']);
    expect(await listed('label=team:sale')).toEqual([]);
    expect((await change('one', { labels: { team: 'desk' } })).json.labels).toEqual({ team: 'desk' });
    expect(await listed('label=team:sales')).toEqual([]);
    const kept = await change('one', { renewal: 'eager' });
    expect(kept.json).toMatchObject({ labels: { team: 'desk' }, renewal: 'eager' });
  });

  it('are told in webhooks, also of a connection that is deleted', async () => {
    const hook = { url: 'http://127.0.0.1:9/hook' };
    await expectStatus(201, tenant.tenantAdmin('POST', `${tenant.path}/webhooks`, hook));
    await expectStatus(201, create(made('told', { labels: { team: 'sales' } })));
    await expectStatus(201, create(made('bare')));
    await expectStatus(204, tenant.tenantAdmin('DELETE', `${tenant.path}/connections/told`));
    const payloads = await api.database.query<{ type: string; labels: unknown }>(
      `select connection || ' ' || type as type, payload->'data'->'labels' as labels from gk.deliveries order by id`,
    );
    expect(payloads).toEqual([
      { type: 'told connection.active', labels: { team: 'sales' } },
      { type: 'bare connection.active', labels: null },
      { type: 'told connection.revoked', labels: { team: 'sales' } },
    ]);
  });

  it.each<[string, object, string]>([
    ['a value that is no text', { labels: { a: 1 } }, 'labels.a'],
    ['a value that is too long', { labels: { a: 'x'.repeat(256) } }, 'labels.a'],
    ['a name with a colon', { labels: { 'a:b': 'c' } }, 'labels.a:b'],
    [
      'too many',
      { labels: Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`l${index}`, ''])) },
      'labels',
    ],
  ])('with %s are 400 and named', async (_, body, field) => {
    for (const answer of [await create(made('bad', body)), await change('two', body)]) {
      expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
      expect(JSON.stringify(answer.json)).toContain(`"${field}"`);
    }
  });

  it('are asked for as key:value', async () => {
    for (const label of ['team', ':sales', 'a%20b:c'])
      expect(
        (await tenant.tenantAdmin('GET', `${tenant.path}/connections?label=${label}`)).json,
      ).toMatchObject({ code: 'invalid_request' });
  });
});

describe('missing_scopes', () => {
  it('are those asked for that the granted scope lacks', async () => {
    await expectStatus(201, create(made('scoped')));
    const path = `${tenant.path}/connections/scoped`;
    const missing = async (requested: string | null, granted: string | null) => {
      await api.database.query(
        `update gk.connections set requested_scope = $1, scope = $2 where slug = 'scoped'`,
        [requested, granted],
      );
      return (await expectStatus(200, tenant.tenantAdmin('GET', path))).json.missing_scopes;
    };
    expect(await missing('read write admin', 'write other')).toEqual(['read', 'admin']);
    expect(await missing('read write admin', 'read,write')).toEqual(['admin']);
    expect(await missing('read', null)).toEqual([]);
    expect(await missing(null, 'read')).toEqual([]);
  });
});

describe('a connection is found', () => {
  it('by the beginning of its id, and by who has consented', async () => {
    for (const id of ['find-1', 'find-10', 'finder']) await expectStatus(201, create(made(id)));
    await api.database.query(
      `update gk.connections set account = '{"id": "Ada 7", "email": "Ada@Example.com"}' where slug = 'find-10'`,
    );
    expect(await listed('id_prefix=find')).toEqual(['find-1', 'find-10', 'finder']);
    expect(await listed('id_prefix=find-')).toEqual(['find-1', 'find-10']);
    expect(await listed('id_prefix=find-10')).toEqual(['find-10']);
    expect(await listed('id_prefix=ind')).toEqual([]);
    expect(await listed('account=ada%40example.COM')).toEqual(['find-10']);
    expect(await listed('account=Ada+7&id_prefix=find')).toEqual(['find-10']);
    expect(await listed('account=ada')).toEqual([]);
    for (const query of ['id_prefix=', 'id_prefix=Find', 'id_prefix=a%25', 'account=', 'account=a%0Ab']) {
      const refused = await tenant.tenantAdmin('GET', `${tenant.path}/connections?${query}`);
      expect([query, refused.status]).toEqual([query, 400]);
    }
  });
});
