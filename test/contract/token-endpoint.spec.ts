import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer, Client } from '../support/http.js';
import {
  basic,
  basicOf,
  expectOAuth,
  expectRefused,
  type Fields,
  formType,
  type Key,
  type TokenRequest,
  tokenRequests,
} from '../support/token-request.js';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from './running-api.js';

let api: RunningApi;
let ask: TokenRequest;
let acme: RunningTenant;
let globex: RunningTenant;
let reader: Key;
let narrowed: Key;
let wide: Key;
let connector: Key;
beforeAll(async () => {
  api = await runApi();
  ask = tokenRequests(api.anonymous);
  [acme, globex] = await Promise.all([api.tenant('acme'), api.tenant('globex')]);
  await Promise.all([acme.connect('main'), acme.connect('other'), globex.connect('main')]);
  const keyOf = async (role: string, connections?: string[]) =>
    (
      await expectStatus(
        201,
        acme.tenantAdmin('POST', `${acme.path}/api_keys`, { name: 'k', role, connections }),
      )
    ).json as Key;
  reader = await keyOf('token_reader');
  narrowed = await keyOf('token_reader', ['main']);
  wide = await keyOf('token_reader', ['main', 'other']);
  connector = await keyOf('connector');
});
afterAll(() => api.close());

const grant = { grant_type: 'client_credentials' };
const main = { audience: 'acme/main' };

describe('the token endpoint', () => {
  it('answers with the token that GET …/token answers with, and nothing but what RFC 6749 §5.1 has', async () => {
    const read = await acme.reader('GET', `${acme.path}/connections/main/token`);
    const answer = await expectStatus(200, ask({ ...grant, ...main }, basicOf(reader)));
    expectOAuth(answer);
    expect(answer.json).toMatchObject({
      access_token: read.json.access_token,
      token_type: read.json.token_type,
      expires_in: expect.any(Number),
    });
    const known = ['access_token', 'token_type', 'expires_in', 'scope'];
    expect(Object.keys(answer.json).filter((name) => !known.includes(name))).toEqual([]);
  });

  it('takes the client in the header, in the body, or its id in both', async () => {
    const inBody = { client_id: reader.id, client_secret: reader.key };
    await expectStatus(200, ask({ ...grant, ...main, ...inBody }));
    await expectStatus(200, ask({ ...grant, ...main, client_id: reader.id }, basicOf(reader)));
    expectRefused(await ask({ ...grant, ...main, ...inBody }, basicOf(reader)), 400, 'invalid_request');
    expectRefused(
      await ask({ ...grant, ...main, client_id: wide.id }, basicOf(reader)),
      400,
      'invalid_request',
    );
  });

  it('finds the connection by audience, by resource, by the key, and by its own path', async () => {
    const { access_token: token } = (await ask({ ...grant, ...main }, basicOf(reader))).json;
    const same = await Promise.all([
      ask({ ...grant, resource: `${api.origin}/v1/tenants/acme/connections/main` }, basicOf(reader)),
      ask({ ...grant, ...main, resource: `${api.origin}/v1/tenants/acme/connections/main` }, basicOf(reader)),
      ask(grant, basicOf(narrowed)),
      ask(grant, basicOf(reader), '/v1/tenants/acme/connections/main/oauth2/token'),
      ask({ ...grant, ...main }, basicOf(reader), '/v1/tenants/acme/connections/main/oauth2/token'),
    ]);
    expect(same.map(({ status, json }) => [status, json.access_token])).toEqual(same.map(() => [200, token]));
  });

  it('passes min_ttl on, ignores what it does not know and what has no value', async () => {
    const fields = { ...grant, ...main, min_ttl: '0', unknown: 'x', scope: '', client_assertion: '' };
    await expectStatus(200, ask(fields, basicOf(reader)));
    const charset = {
      ...basicOf(reader),
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
    };
    await expectStatus(200, ask({ ...grant, ...main }, charset));
  });

  it('gives scope to whom it asks for no more than the connection has', async () => {
    const path = `${acme.path}/connections`;
    const made = { id: 'scoped', credential: 'client', grant: 'client_credentials', scope: 'one two' };
    await expectStatus(201, api.admin('POST', path, made));
    const target = { ...grant, audience: 'acme/scoped' };
    const { scope } = (await api.admin('GET', `${path}/scoped`)).json;
    expect(scope).toBe('one two');
    await expectStatus(200, ask({ ...target, scope: 'two' }, basicOf(reader)));
    expectRefused(await ask({ ...target, scope: 'two three' }, basicOf(reader)), 400, 'invalid_scope');
    expectRefused(
      await ask({ ...target, audience: 'acme/no', scope: 'two' }, basicOf(reader)),
      400,
      'invalid_target',
    );
  });

  it('serves a platform admin, whose key is any text', async () => {
    const { items } = (await api.admin('GET', '/v1/api_keys')).json;
    const key = process.env['GRANTKEEPER_BOOTSTRAP_KEY'] ?? '';
    await expectStatus(200, ask({ ...grant, ...main }, basic(items[0].id, key)));
    expectRefused(await ask(grant, basic(items[0].id, key)), 400, 'invalid_target');
  });
});

describe('the metadata', () => {
  const wellKnown = '/.well-known/oauth-authorization-server';
  it.each(['', '/v1/tenants/acme/connections/main'])('of the issuer %s/ leads to a token', async (path) => {
    const { status, json, headers } = await api.anonymous('GET', wellKnown + path);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(json).toMatchObject({
      issuer: api.origin + path,
      token_endpoint: `${api.origin}${path}/oauth2/token`,
      response_types_supported: [],
      grant_types_supported: expect.arrayContaining(['client_credentials']),
      token_endpoint_auth_methods_supported: expect.arrayContaining([
        'client_secret_basic',
        'client_secret_post',
      ]),
    });
    const fields = path === '' ? { ...grant, ...main } : grant;
    await expectStatus(200, ask(fields, basicOf(reader), new URL(json.token_endpoint).pathname));
  });

  it('says nothing about which connections there are', async () => {
    const of = async (id: string) =>
      (await api.anonymous('GET', `${wellKnown}/v1/tenants/acme/connections/${id}`)).text;
    expect((await of('main')).replaceAll('main', 'x')).toBe((await of('no')).replaceAll('/no', '/x'));
  });
});

describe('a wrong client', () => {
  const secret = 'client_secret';
  it.each<[string, () => Record<string, string>, (() => Record<string, string>)?]>([
    ['that says nothing', () => ({})],
    ['with a made-up key', () => ({ client_id: reader.id, [secret]: 'gk_r_no' })],
    ["with another key's id", () => ({ client_id: wide.id, [secret]: reader.key })],
    ['with an id only', () => ({ client_id: reader.id })],
    ['with a key only', () => ({ [secret]: reader.key })],
    ['with a bearer', () => ({}), () => ({ authorization: `Bearer ${reader.key}` })],
    ['with the key as user', () => ({}), () => basic(reader.key, '')],
    ['with Basic that is not base64', () => ({}), () => ({ authorization: 'Basic %%%' })],
    [
      'with Basic that is not form-encoded',
      () => ({}),
      () => ({ authorization: `Basic ${btoa('%zz:%zz')}` }),
    ],
    ['with Basic without a colon', () => ({}), () => ({ authorization: `Basic ${btoa(reader.id)}` })],
  ])('%s is told invalid_client', async (_, fields, headers = () => ({})) => {
    expectRefused(await ask({ ...grant, ...main, ...fields() }, headers()), 401, 'invalid_client');
  });

  it('that may not read tokens is told unauthorized_client', async () => {
    expectRefused(await ask({ ...grant, ...main }, basicOf(connector)), 400, 'unauthorized_client');
  });
});

describe('a wrong request', () => {
  const at = (...pairs: [string, string][]): Fields => [['grant_type', 'client_credentials'], ...pairs];
  it.each<[string, Fields]>([
    ['without a grant type', main],
    ['with the grant type twice', at(['grant_type', 'client_credentials'], ['audience', 'acme/main'])],
    ['with an unknown parameter twice', at(['audience', 'acme/main'], ['x', '1'], ['x', '1'])],
    ['with min_ttl twice', at(['audience', 'acme/main'], ['min_ttl', '1'], ['min_ttl', '1'])],
    ['with min_ttl too long', { ...grant, ...main, min_ttl: '86401' }],
    ['with min_ttl that is no number', { ...grant, ...main, min_ttl: '-1' }],
  ])('%s is invalid_request', async (_, fields) => {
    expectRefused(await ask(fields, basicOf(reader)), 400, 'invalid_request');
  });

  it('with a form that is none, with parameters in the URL, or too large is invalid_request', async () => {
    const send = (body: string, path = '/oauth2/token') =>
      api.anonymous('POST', path, body, { ...formType, ...basicOf(reader) });
    expectRefused(await send('grant_type=%zz'), 400, 'invalid_request');
    expectRefused(
      await send('grant_type=client_credentials', '/oauth2/token?audience=acme/main'),
      400,
      'invalid_request',
    );
    expectRefused(await send(`x=${'y'.repeat(70_000)}`), 413, 'invalid_request');
  });

  it('of another media type is 400 and names the right one, of another method 405', async () => {
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x']) {
      const answer = await api.anonymous('POST', '/oauth2/token', '{}', { 'content-type': type });
      expectRefused(answer, 400, 'invalid_request');
      expect(answer.json.error_description).toContain('application/x-www-form-urlencoded');
    }
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await api.anonymous(method, '/oauth2/token');
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    }
  });

  it.each(['password', 'refresh_token', 'authorization_code', 'Client_Credentials'])(
    'with the grant type %s is unsupported_grant_type',
    async (type) => {
      expectRefused(await ask({ ...main, grant_type: type }, basicOf(reader)), 400, 'unsupported_grant_type');
    },
  );
});

describe('a wrong target', () => {
  const connection = (path: string) => ({ resource: `${api.origin}/v1/tenants/${path}` });
  it.each<[string, () => Fields]>([
    ['none', () => ({})],
    ['an unknown connection', () => ({ audience: 'acme/no' })],
    ["another tenant's", () => ({ audience: 'globex/main' })],
    ['an unknown tenant', () => ({ audience: 'nobody/main' })],
    ['an odd audience', () => ({ audience: 'acme' })],
    ['a longer audience', () => ({ audience: 'acme/main/token' })],
    ['an audience with NUL', () => ({ audience: 'acme/ma\0in' })],
    [
      'a resource elsewhere',
      () => ({ resource: 'https://elsewhere.example/v1/tenants/acme/connections/main' }),
    ],
    ['a resource with a query', () => connection('acme/connections/main?x=1')],
    ['a resource with a fragment', () => connection('acme/connections/main#x')],
    ['a resource that is the token', () => connection('acme/connections/main/token')],
    ['an unknown resource', () => connection('acme/connections/no')],
    ['a resource that is no URL', () => ({ resource: 'main' })],
    ['two that differ', () => ({ audience: 'acme/other', ...connection('acme/connections/main') })],
    [
      'two audiences',
      () => [
        ['audience', 'acme/main'],
        ['audience', 'acme/other'],
      ],
    ],
    [
      'two resources',
      () => [
        ['resource', 'urn:a'],
        ['resource', 'urn:b'],
      ],
    ],
  ])('%s is invalid_target', async (_, fields) => {
    const pairs = Object.entries(grant).concat(
      Array.isArray(fields()) ? (fields() as [string, string][]) : Object.entries(fields()),
    );
    expectRefused(await ask(pairs, basicOf(reader)), 400, 'invalid_target');
  });

  it('is the same whether it is unknown, forbidden or foreign', async () => {
    const refused = await Promise.all(
      ['acme/no', 'acme/other', 'globex/main', 'nobody/main'].map((audience) =>
        ask({ ...grant, audience }, basicOf(narrowed)),
      ),
    );
    expect(new Set(refused.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expectRefused(refused[0] as Answer, 400, 'invalid_target');
  });

  it('in the path or beside it is invalid_target, and several of the key are none', async () => {
    const at = (path: string, fields: Fields = grant, key = reader) =>
      ask(fields, basicOf(key), `/v1/tenants/${path}/oauth2/token`);
    expectRefused(await at('acme/connections/no'), 400, 'invalid_target');
    expectRefused(await at('globex/connections/main'), 400, 'invalid_target');
    expectRefused(await at('acme/connections/ma%00in'), 400, 'invalid_target');
    expectRefused(await at('acme/connections/other', grant, narrowed), 400, 'invalid_target');
    expectRefused(
      await at('acme/connections/main', { ...grant, audience: 'acme/other' }),
      400,
      'invalid_target',
    );
    expectRefused(await ask(grant, basicOf(wide)), 400, 'invalid_target');
  });
});

describe('a connection without a token', () => {
  let admin: Client;
  beforeAll(() => {
    admin = acme.tenantAdmin;
  });

  it('that must be authorised again is invalid_grant', async () => {
    await acme.connect('ended');
    await api.database.query(
      "update gk.connections set status = 'reauthorization_required' where slug = 'ended'",
      [],
    );
    await api.database.query(
      "delete from gk.token_sets where connection_id = (select id from gk.connections where slug = 'ended')",
      [],
    );
    const answer = await ask({ ...grant, audience: 'acme/ended' }, basicOf(reader));
    expectRefused(answer, 400, 'invalid_grant');
    expect(answer.json.error_description).toContain('reauthorization_required');
    expect((await admin('GET', `${acme.path}/connections/ended/token`)).status).toBe(409);
  });

  it('that is not authorised yet is invalid_grant', async () => {
    const client = {
      id: 'code',
      provider: 'generic-oauth2',
      client_id: 'c',
      client_secret: 'secret-0123456789',
      settings: {
        token_endpoint: 'http://127.0.0.1:9/token',
        authorization_endpoint: 'http://127.0.0.1:9/authorize',
        allow_unconfirmed: true,
      },
    };
    await expectStatus(201, admin('POST', `${acme.path}/credentials`, client));
    const body = { id: 'waiting', credential: 'code', grant: 'authorization_code' };
    await expectStatus(202, admin('POST', `${acme.path}/connections`, body));
    const answer = await ask({ ...grant, audience: 'acme/waiting' }, basicOf(reader));
    expectRefused(answer, 400, 'invalid_grant');
    expect(answer.json.error_description).toContain('authorization_pending');
  });

  it('whose provider is down is temporarily_unavailable, with Retry-After', async () => {
    await acme.connect('down');
    await api.database.query(
      `update gk.connections set access_token_issued_at = gk.now() - interval '2 hours',
       access_token_expires_at = gk.now() - interval '1 hour' where slug = 'down'`,
      [],
    );
    await api.sandbox.rule({ status: 503, times: 20 });
    const answer = await ask({ ...grant, audience: 'acme/down' }, basicOf(reader));
    expectRefused(answer, 503, 'temporarily_unavailable');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});
