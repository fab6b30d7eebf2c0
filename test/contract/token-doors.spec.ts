import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { watchAtOnce, whole } from '../support/at-once.js';
import type { Answer, Client } from '../support/http.js';
import { contactCenterClient } from '../support/onboarding.js';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from './running-api.js';

const host = 'api.example.com';
let api: RunningApi;
let acme: RunningTenant;
let narrowed: Client;
let key: string;
beforeAll(async () => {
  api = await runApi();
  acme = await api.tenant('acme');
  await acme.tenantAdmin('PATCH', `${acme.path}/credentials/client`, {
    settings: { upstream_hosts: [host, 'other.example.com:8443'] },
  });
  const bare = { ...contactCenterClient, id: 'bare' };
  await expectStatus(201, acme.tenantAdmin('POST', `${acme.path}/credentials`, bare));
  await Promise.all(['main', 'other', 'ended'].map((id) => acme.connect(id)));
  await expectStatus(
    201,
    acme.tenantAdmin('POST', `${acme.path}/connections`, {
      id: 'hostless',
      credential: 'bare',
      grant: 'client_credentials',
    }),
  );
  await api.database.query(
    `with ended as (update gk.connections set status = 'reauthorization_required' where slug = 'ended' returning id)
     delete from gk.token_sets where connection_id in (select id from ended)`,
    [],
  );
  const made = async (connections?: string[]) =>
    (
      await expectStatus(
        201,
        acme.tenantAdmin('POST', `${acme.path}/api_keys`, { name: 'k', role: 'token_reader', connections }),
      )
    ).json.key;
  key = await made();
  narrowed = api.as(await made(['other', 'ended']));
});
afterAll(() => api.close());

const tokenOf = async (id: string) =>
  (await expectStatus(200, acme.reader('GET', `${acme.path}/connections/${id}/token`))).json;

describe('forward_auth', () => {
  const forward = (
    id: string,
    { client = acme.reader, headers = {} as Record<string, string>, method = 'GET', rest = '' } = {},
  ): Promise<Answer> =>
    client(method, `${acme.path}/connections/${id}/forward_auth${rest}`, undefined, {
      'x-forwarded-host': host,
      ...headers,
    });

  it('answers with the Authorization for the request, and nothing else', async () => {
    const { access_token, token_type } = await tokenOf('main');
    for (const [name, value] of [
      ['authorization', `Bearer ${key}`],
      ['x-grantkeeper-key', key],
    ] as const) {
      const answer = await forward('main', { client: api.anonymous, headers: { [name]: value } });
      expect(answer).toMatchObject({ status: 200, text: '' });
      expect(answer.headers.get('authorization')).toBe(`${token_type} ${access_token}`);
      expect(answer.headers.get('x-grantkeeper-generation')).toBe('1');
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
  });

  it('takes the key of its own header where the application has an Authorization as well', async () => {
    const both = { authorization: 'Basic YTpi', 'x-grantkeeper-key': key };
    expect((await forward('main', { client: api.anonymous, headers: both })).status).toBe(200);
    const wrong = { 'x-grantkeeper-key': 'gk_r_no' };
    expect((await forward('main', { headers: wrong })).status).toBe(401);
  });

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    'is asked with the method of the request, its type, its path and its query: %s',
    async (method) => {
      const headers = { 'content-type': method === 'GET' ? 'x' : 'text/html; charset=x' };
      expect((await forward('main', { method, headers })).status).toBe(200);
      const rest = `/v2/calls/${'x'.repeat(1_500)}?min_ttl=no&x=%zz`;
      expect((await forward('main', { method, headers, rest })).status).toBe(200);
    },
  );

  it('reads no token by HEAD', async () => {
    const answer = await forward('main', { method: 'HEAD' });
    expect([answer.status, answer.headers.get('authorization')]).toEqual([405, null]);
    expect(answer.headers.get('allow')).toContain('GET');
  });

  it.each(['Api.Example.COM', ' api.example.com '])('knows the host written as %p', async (written) => {
    expect((await forward('main', { headers: { 'x-forwarded-host': written } })).status).toBe(200);
  });

  it.each([
    'elsewhere.example.com',
    'api.example.com.evil.example',
    'api.example.com:443',
    'other.example.com',
    'api.example.com, api.example.com',
    '',
  ])('is forbidden for the host %p', async (written) => {
    const answer = await forward('main', { headers: { 'x-forwarded-host': written } });
    expect(answer).toMatchObject({ status: 403, json: { code: 'forbidden' } });
    expect(answer.headers.get('authorization')).toBeNull();
  });

  it('is forbidden without a host, and with two', async () => {
    const { port } = new URL(api.origin);
    const statusWith = (hosts: string[]) =>
      new Promise((resolve, reject) => {
        const headers = [
          ...['host', 'localhost'],
          'authorization',
          `Bearer ${key}`,
          ...hosts.flatMap((one) => ['x-forwarded-host', one]),
        ];
        request({ port, path: `${acme.path}/connections/main/forward_auth`, headers })
          .on('response', (response) => resolve(response.resume().statusCode))
          .on('error', reject)
          .end();
      });
    expect(await statusWith([host])).toBe(200);
    expect(await statusWith([])).toBe(403);
    expect(await statusWith([host, host])).toBe(403);
  });

  it('is forbidden where no host is set, and as soon as one is taken out, also from memory', async () => {
    expect((await forward('hostless')).status).toBe(403);
    const path = `${acme.path}/credentials/bare`;
    const set = (upstream_hosts: string[] | null) =>
      expectStatus(200, acme.tenantAdmin('PATCH', path, { settings: { upstream_hosts } }));
    const becomes = async (status: number) => {
      const untilMs = performance.now() + 3_000;
      while ((await forward('hostless')).status !== status) expect(performance.now()).toBeLessThan(untilMs);
    };
    await set([host]);
    await becomes(200);
    await set(['other.example.com']);
    await becomes(403);
    await set([host]);
    await becomes(200);
    await set(null);
    await becomes(403);
  });

  it('refuses whom GET …/token refuses', async () => {
    const globex = await api.tenant('globex');
    expect((await forward('main', { client: api.anonymous })).status).toBe(401);
    expect((await forward('main', { client: acme.connector })).status).toBe(403);
    expect((await forward('main', { client: narrowed })).status).toBe(403);
    expect((await forward('main', { client: globex.reader })).status).toBe(404);
    expect((await forward('no')).status).toBe(404);
    expect(await forward('ended')).toMatchObject({ status: 409, json: { code: 'reauthorization_required' } });
  });

  it.each(['HOST.example', 'https://api.example.com', '*.example.com', 'api.example.com/x', 'a:0', ''])(
    'has no upstream host %p',
    async (wrong) => {
      const settings = { upstream_hosts: [wrong] };
      const answer = await acme.tenantAdmin('PATCH', `${acme.path}/credentials/client`, { settings });
      expect(answer).toMatchObject({
        status: 400,
        json: { errors: [{ field: 'settings.upstream_hosts.0' }] },
      });
    },
  );
});

describe('a batch', () => {
  const batch = (body: unknown, client = acme.reader) => client('POST', `${acme.path}/tokens`, body);

  it('answers each in its order, as GET …/token would, and one spoils no other', async () => {
    const connections = ['main', 'no', 'other', 'ended', 'MAIN', 'main', ''];
    const answer = await expectStatus(200, batch({ connections, min_ttl: 0 }));
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const [main, other] = await Promise.all([tokenOf('main'), tokenOf('other')]);
    const missing = { code: 'not_found', status: 404, title: expect.any(String) };
    expect(answer.json.items).toMatchObject([
      { connection: 'main', access_token: main.access_token, generation: 1, expires_in: expect.any(Number) },
      { connection: 'no', error: missing },
      { connection: 'other', access_token: other.access_token },
      { connection: 'ended', error: { code: 'reauthorization_required', remedy: expect.any(String) } },
      { connection: 'MAIN', error: missing },
      { connection: 'main', access_token: main.access_token },
      { connection: '', error: missing },
    ]);
    expect(Object.keys(answer.json.items[0])).toEqual(['connection', ...Object.keys(main)]);
  });

  it('gives a narrowed key what it may read', async () => {
    const { json } = await expectStatus(200, batch({ connections: ['main', 'other', 'no'] }, narrowed));
    expect(json.items).toMatchObject([
      { connection: 'main', error: { code: 'forbidden' } },
      { connection: 'other', access_token: expect.any(String) },
      { connection: 'no', error: { code: 'forbidden' } },
    ]);
  });

  it('of 100 with a connection whose provider is down says so of that one', async () => {
    await acme.connect('down');
    await api.database.query(
      `update gk.connections set access_token_issued_at = gk.now() - interval '2 hours',
       access_token_expires_at = gk.now() - interval '1 hour' where slug = 'down'`,
      [],
    );
    await api.sandbox.rule({ status: 503, times: 20 });
    const connections = [...Array<string>(99).fill('main'), 'down'];
    const { items } = (await expectStatus(200, batch({ connections }))).json;
    await api.sandbox.clearRules();
    expect(items.filter((item: object) => 'access_token' in item)).toHaveLength(99);
    expect(items[99]).toMatchObject({
      connection: 'down',
      error: { code: 'provider_unavailable', status: 503, retry_after: expect.any(Number) },
    });
  });

  it.each<[string, unknown]>([
    ['connections', {}],
    ['connections', { connections: [] }],
    ['connections', { connections: Array(101).fill('main') }],
    ['connections.0', { connections: [1] }],
    ['min_ttl', { connections: ['main'], min_ttl: 86_401 }],
    ['min_ttl', { connections: ['main'], min_ttl: '60' }],
    ['other', { connections: ['main'], other: 1 }],
    ['', undefined],
  ])('names %p where it is wrong', async (field, body) => {
    expect(await batch(body)).toMatchObject({ status: 400, json: { errors: [{ field }] } });
  });

  it('is for those who may read tokens of this tenant', async () => {
    const body = { connections: ['main'] };
    expect((await batch(body, api.anonymous)).status).toBe(401);
    expect((await batch(body, acme.connector)).status).toBe(403);
    expect((await batch(body, (await api.tenant()).reader)).status).toBe(404);
    expect((await batch(body, api.admin)).status).toBe(200);
  });

  it('is read anew under the same Idempotency-Key: nothing of it is kept', async () => {
    const headers = { 'idempotency-key': 'batch' };
    const once = () => acme.reader('POST', `${acme.path}/tokens`, { connections: ['main'] }, headers);
    await expectStatus(200, once());
    expect((await once()).headers.get('idempotency-replayed')).toBeNull();
    const kept = await api.database.query("select from gk.idempotency_keys where key = 'batch'", []);
    expect(kept).toEqual([]);
  });
});

describe('tokens in memory', () => {
  const token = () => `${acme.path}/connections/main`;
  const basicKey = async () => {
    const made = { name: 'one', role: 'token_reader', connections: ['main'] };
    const { id, key: secret } = (
      await expectStatus(201, acme.tenantAdmin('POST', `${acme.path}/api_keys`, made))
    ).json;
    return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  };
  const form = (rest = '') => `grant_type=client_credentials&audience=acme%2Fmain${rest}`;
  const formType = 'application/x-www-form-urlencoded';
  /** Longer than what is looked at before the framework. */
  const long = ' '.repeat(5_000);

  let atOnce: () => boolean;
  beforeAll(() => {
    atOnce = watchAtOnce(api);
  });

  /** Asks both ways, until both answer in one second. */
  const sameBothWays = (short: () => Promise<Answer>, framework: () => Promise<Answer>) =>
    eventually(async () => {
      const answer = await short();
      expect(answer.status).toBe(200);
      expect(atOnce()).toBe(true);
      const other = await framework();
      expect(whole(answer)).toEqual(whole(other));
    });

  it('are answered the same with and without the framework, by the token endpoint', async () => {
    const authorization = await basicKey();
    for (const path of ['/oauth2/token', `${token()}/oauth2/token`]) {
      const post = (body: string) =>
        api.anonymous('POST', path, body, { authorization, 'content-type': formType });
      await sameBothWays(
        () => post(form()),
        () => post(form(`&x=${'x'.repeat(5_000)}`)),
      );
      await sameBothWays(
        () => post('grant_type=client_credentials&min_ttl=60'),
        () => post(form(`&x=${'x'.repeat(5_000)}`)),
      );
    }
  });

  it('are answered the same in a batch', () =>
    sameBothWays(
      () => acme.reader('POST', `${acme.path}/tokens`, { connections: ['main', 'other', 'main'] }),
      () =>
        acme.reader(
          'POST',
          `${acme.path}/tokens`,
          `${JSON.stringify({ connections: ['main', 'other', 'main'] })}${long}`,
        ),
    ));

  it('are answered the same to a proxy, and only for its host', async () => {
    const ask = (method: string, to = host) =>
      acme.reader(method, `${token()}/forward_auth`, undefined, { 'x-forwarded-host': to });
    await sameBothWays(
      () => ask('GET'),
      () => ask('PUT'),
    );
    expect((await ask('GET', 'elsewhere.example.com')).status).toBe(403);
  });

  it('of which one is missing are left to the route, which gets the body whole', async () => {
    const asked = { connections: ['main', 'ended'] };
    const answer = await acme.reader('POST', `${acme.path}/tokens`, asked);
    expect(atOnce()).toBe(false);
    expect(answer.json.items).toMatchObject([
      { connection: 'main', generation: 1 },
      { connection: 'ended', error: { code: 'reauthorization_required' } },
    ]);
  });

  it('go to no client that names another key', async () => {
    const [, pair = ''] = (await basicKey()).split(' ');
    const [id = '', secret = ''] = Buffer.from(pair, 'base64').toString().split(':');
    const ask = (clientId: string) => {
      const client = new URLSearchParams({ client_id: clientId, client_secret: secret });
      return api.anonymous('POST', '/oauth2/token', form(`&${client}`), { 'content-type': formType });
    };
    await eventually(async () => {
      expect((await ask(id)).status).toBe(200);
      expect(atOnce()).toBe(true);
    });
    expect(await ask('someone')).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
    expect(atOnce()).toBe(false);
  });
});
