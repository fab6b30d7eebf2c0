import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { contactCenterClient } from '../support/onboarding.js';
import { type RunningApi, type RunningTenant, runApi } from './running-api.js';

let api: RunningApi;
let acme: RunningTenant;
beforeAll(async () => {
  api = await runApi();
  acme = await api.tenant('acme');
});
afterAll(() => api.close());

const canary = 'canary-9f3c-secret';
const credential = { ...contactCenterClient, client_secret: canary };

describe('what is wrong is 400 and named', () => {
  it.each<[string, string, object, string]>([
    ['an unknown provider', 'credentials', { ...credential, provider: 'nobody' }, 'provider'],
    ['a missing setting', 'credentials', { ...credential, settings: {} }, 'settings.region'],
    ['a bad region', 'credentials', { ...credential, settings: { region: 'no region!' } }, 'settings.region'],
    [
      'an unknown setting',
      'credentials',
      { ...credential, settings: { region: 'emea', x: 1 } },
      'settings.x',
    ],
    ['an unknown field', 'credentials', { ...credential, colour: 'red' }, 'colour'],
    ['a missing secret', 'credentials', { ...credential, client_secret: undefined }, 'client_secret'],
    ['a bad slug', 'credentials', { ...credential, id: 'No Slug' }, 'id'],
    ['a secret of another type', 'credentials', { ...credential, client_secret: [canary] }, 'client_secret'],
    ['an unknown role', 'api_keys', { name: 'x', role: 'king' }, 'role'],
    ['a platform role in a tenant', 'api_keys', { name: 'x', role: 'platform_admin' }, 'role'],
    [
      'narrowing an admin',
      'api_keys',
      { name: 'x', role: 'tenant_admin', connections: ['a'] },
      'connections',
    ],
    [
      'a past expiry',
      'api_keys',
      { name: 'x', role: 'connector', expires_at: '2001-01-01T00:00:00Z' },
      'expires_at',
    ],
    [
      'an expiry that is no time',
      'api_keys',
      { name: 'x', role: 'connector', expires_at: 'soon' },
      'expires_at',
    ],
    ['a name with a line break', 'api_keys', { name: 'x\ny', role: 'connector' }, 'name'],
    ['no grant', 'connections', { credential: 'client' }, 'grant'],
    ['an unknown grant', 'connections', { credential: 'client', grant: 'magic' }, 'grant'],
    [
      'a grant the provider does not offer',
      'connections',
      { credential: 'client', grant: 'password', username: 'u', password: canary },
      'grant',
    ],
    [
      'an unknown credential',
      'connections',
      { credential: 'nope', grant: 'client_credentials' },
      'credential',
    ],
    [
      'a field of another grant',
      'connections',
      { credential: 'client', grant: 'client_credentials', password: canary },
      'password',
    ],
    [
      'a scope with a quote',
      'connections',
      { credential: 'client', grant: 'client_credentials', scope: 'a"b' },
      'scope',
    ],
    [
      'an unknown renewal',
      'connections',
      { credential: 'client', grant: 'client_credentials', renewal: 'never' },
      'renewal',
    ],
  ])('%s', async (_, path, body, field) => {
    const answer = await api.admin('POST', `${acme.path}/${path}`, body);
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_request', status: 400 } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.json.errors.map((error: { field: string }) => error.field)).toContain(field);
    expect(answer.json.detail).toContain(field);
    expect(answer.text).not.toContain(canary);
  });

  it.each(['-acme', 'acme-', 'Acme', 'a b', '', 'a'.repeat(64), 'ä', 'a/b', null, 7])(
    'the tenant slug %j',
    async (id) => {
      const answer = await api.admin('POST', '/v1/tenants', { id, name: 'x' });
      expect(answer).toMatchObject({ status: 400, json: { errors: [{ field: 'id' }] } });
    },
  );

  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=ten', 'limit'],
    ['cursor=!!', 'cursor'],
    ['cursor=bm9wZQ', 'cursor'],
    ['status=happy', 'status'],
    ['colour=red', 'colour'],
    ['limit=1&limit=2', 'limit'],
  ])('the query %s', async (query, field) => {
    const answer = await api.admin('GET', `${acme.path}/connections?${query}`);
    expect(answer).toMatchObject({ status: 400, json: { errors: [{ field }] } });
  });

  it.each([
    ['half an object', '{'],
    ['nothing', ''],
    ['a text', '"text"'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a text with NUL', '{"id":"a","name":"\\u0000"}'],
    ['half a surrogate pair', '{"id":"a","name":"\\ud800"}'],
    ['__proto__', '{"id":"a","name":"b","__proto__":{}}'],
    ['constructor', '{"id":"a","name":"b","constructor":1}'],
    ['prototype', '{"id":"a","name":"b","prototype":"c"}'],
    ['10 000 levels', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
  ])('as a body: %s', async (_, body) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await api.admin('POST', '/v1/tenants', body, headers);
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
  });

  it('a body of more than 32 levels: before anything in it is looked at', async () => {
    const nested = (levels: number) => `{"id":"a","name":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    const [deep, deeper] = [
      await api.admin('POST', '/v1/tenants', nested(31)),
      await api.admin('POST', '/v1/tenants', nested(32)),
    ];
    expect(deep.json).toMatchObject({ status: 400, errors: [{ field: 'name' }] });
    expect(deeper.json).toMatchObject({ status: 400, detail: 'The body is nested deeper than 32 levels.' });
  });

  it('the name of a member: by the rule it broke', async () => {
    const settings = { token_endpoint: 'https://as.example/token', token_headers: { Host: 'x' } };
    const body = { id: 'named', provider: 'generic-oauth2', client_id: 'c', client_secret: 's', settings };
    const { status, json } = await api.admin('POST', `${acme.path}/credentials`, body);
    expect({ status, errors: json.errors }).toMatchObject({
      status: 400,
      errors: [{ field: 'settings.token_headers.Host', message: expect.stringMatching(/^must be/) }],
    });
  });

  it('an Idempotency-Key that is too long', async () => {
    const headers = { 'idempotency-key': 'x'.repeat(256) };
    const answer = await api.admin('POST', '/v1/tenants', { id: 'x', name: 'x' }, headers);
    expect(answer).toMatchObject({ status: 400, json: { errors: [{ field: 'Idempotency-Key' }] } });
  });
});

describe('what the framework refuses is a problem document too', () => {
  it('over 64 KiB: 413', async () => {
    const answer = await api.admin('POST', '/v1/tenants', { id: 'x', name: 'x'.repeat(64 * 1024) });
    expect(answer).toMatchObject({ status: 413, json: { code: 'payload_too_large' } });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/merge-patch+json', ''])(
    'content type %j: 415',
    async (type) => {
      const answer = await api.admin('POST', '/v1/tenants', '{"id":"x","name":"x"}', {
        'content-type': type,
      });
      expect(answer).toMatchObject({ status: 415, json: { code: 'unsupported_media_type' } });
    },
  );

  it('another method on a known path: 405 with Allow', async () => {
    const answer = await api.admin('PUT', `${acme.path}`);
    expect(answer).toMatchObject({ status: 405, json: { code: 'method_not_allowed' } });
    expect(answer.headers.get('allow')).toBe('DELETE, GET, HEAD, PATCH');
    expect((await api.admin('DELETE', `${acme.path}/connections/x/token`)).headers.get('allow')).toBe('GET');
  });

  it.each(['/nowhere', '/v1', '/v1/tenants/acme/nothing', '/v1/tenants//credentials'])(
    '%s: 404',
    async (path) => {
      expect(await api.admin('GET', path)).toMatchObject({ status: 404, json: { code: 'not_found' } });
    },
  );

  it('a path that is no path: 400', async () => {
    expect(await api.admin('GET', '/v1/tenants/%zz')).toMatchObject({
      status: 400,
      json: { code: 'invalid_request' },
    });
  });
});

describe('who is not known is 401', () => {
  it.each<[string, Record<string, string>]>([
    ['no header', {}],
    ['another scheme', { authorization: 'Basic abc' }],
    ['an empty key', { authorization: 'Bearer ' }],
    ['a short key', { authorization: 'Bearer abc' }],
    ['a made-up key', { authorization: `Bearer gk_p_${'0'.repeat(33)}` }],
    ['a long unknown string', { authorization: `Bearer ${'x'.repeat(40)}` }],
  ])('%s', async (_, headers) => {
    const answer = await api.anonymous('GET', '/v1/tenants', undefined, headers);
    expect(answer).toMatchObject({ status: 401, json: { code: 'unauthenticated' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('a revoked key, within a second', async () => {
    const made = await api.admin('POST', `${acme.path}/api_keys`, { name: 'short', role: 'tenant_admin' });
    const caller = api.as(made.json.key);
    expect((await caller('GET', `${acme.path}/connections`)).status).toBe(200);
    expect((await api.admin('DELETE', `${acme.path}/api_keys/${made.json.id}`)).status).toBe(204);
    const refused = async () => expect((await caller('GET', `${acme.path}/connections`)).status).toBe(401);
    await eventually(refused, 1_000);
  });
});

describe('the provider decides', () => {
  it('a wrong secret with verify=true is 422 and saves nothing', async () => {
    const answer = await api.admin('POST', `${acme.path}/credentials?verify=true`, {
      id: 'wrong',
      ...credential,
    });
    expect(answer).toMatchObject({
      status: 422,
      json: {
        code: 'provider_rejected',
        provider_error: { code: 'invalid_client' },
        remedy: expect.any(String),
      },
    });
    expect(answer.text).not.toContain(canary);
    expect((await api.admin('GET', `${acme.path}/credentials/wrong`)).status).toBe(404);
  });

  it('an outage is 503 with Retry-After and saves nothing', async () => {
    await api.sandbox.rule({ match: { provider: 'vonage-contact-center' }, status: 503, body: 'down' });
    const answer = await api.admin('POST', `${acme.path}/credentials?verify=true`, {
      id: 'down',
      ...contactCenterClient,
    });
    expect(answer).toMatchObject({ status: 503, json: { code: 'provider_unavailable' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await api.admin('GET', `${acme.path}/credentials/down`)).status).toBe(404);
  });

  it('the right secret with verify=true is 201', async () => {
    const body = { id: 'right', ...contactCenterClient };
    expect((await api.admin('POST', `${acme.path}/credentials?verify=true`, body)).status).toBe(201);
    expect((await api.admin('POST', `${acme.path}/credentials/right/verify`)).json).toEqual({ ok: true });
  });

  it('a wrong secret saved all the same: verify says so, a connection is 422 and leaves nothing', async () => {
    await api.admin('POST', `${acme.path}/credentials`, { id: 'mistyped', ...credential });
    expect(await api.admin('POST', `${acme.path}/credentials/mistyped/verify`)).toMatchObject({
      status: 200,
      json: { ok: false, error: { code: 'invalid_client', remedy: expect.any(String) } },
    });
    const body = { id: 'refused', credential: 'mistyped', grant: 'client_credentials' };
    expect(await api.admin('POST', `${acme.path}/connections`, body)).toMatchObject({
      status: 422,
      json: { code: 'provider_rejected' },
    });
    expect((await api.admin('GET', `${acme.path}/connections/refused`)).status).toBe(404);
  });

  it('duplicates are 409', async () => {
    await acme.connect('twice');
    const connection = { id: 'twice', credential: 'client', grant: 'client_credentials' };
    for (const [path, body] of [
      ['/v1/tenants', { id: 'acme', name: 'x' }],
      [`${acme.path}/credentials`, { id: 'client', ...contactCenterClient }],
      [`${acme.path}/connections`, connection],
    ] as const) {
      expect(await api.admin('POST', path, body)).toMatchObject({ status: 409, json: { code: 'conflict' } });
    }
    expect((await api.admin('GET', `${acme.path}/connections/twice`)).json.status).toBe('active');
  });

  it('a credential in use is 409', async () => {
    await acme.connect('user');
    expect(await api.admin('DELETE', `${acme.path}/credentials/client`)).toMatchObject({
      status: 409,
      json: { code: 'conflict', remedy: expect.any(String) },
    });
  });

  it('a logo is PNG, JPEG or WebP of 32 KiB, by what the file is and not by what it is called', async () => {
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').toString('base64');
    const image = (kind: string, hex: string) =>
      `data:image/${kind};base64,${Buffer.from(hex, 'hex').toString('base64')}`;
    const look = (branding: unknown) => api.admin('PATCH', acme.path, { branding });
    const webp = '524946460a00000057454250';
    for (const logo of [
      image('jpeg', 'ffd8ffe0'),
      image('webp', webp),
      image('png', `89504e470d0a1a0a${'00'.repeat(32_760)}`),
    ])
      expect([logo.slice(0, 16), (await look({ logo })).status]).toEqual([logo.slice(0, 16), 200]);
    for (const logo of [
      image('png', `89504e470d0a1a0a${'00'.repeat(32_761)}`),
      image('png', 'ffd8ffe0'),
      image('webp', `${webp.slice(0, 16)}41564920`),
      image('svg+xml', Buffer.from('<svg/>').toString('hex')),
      image('png', Buffer.from('<svg/>').toString('hex')),
      `data:image/png;base64,${png}" onerror="x`,
      `data:image/png,${png}`,
      'https://example.com/logo.png',
      '',
    ]) {
      const { status, json } = await look({ logo });
      expect([logo.slice(0, 40), status, json.errors?.[0].field]).toEqual([
        logo.slice(0, 40),
        400,
        'branding.logo',
      ]);
    }
    for (const refused of [
      { colour: 'red' },
      { colour: '#12345' },
      { colour: '#123456;}' },
      { name: '' },
      { css: 'x' },
      'x',
    ])
      expect([refused, (await look(refused)).status]).toEqual([refused, 400]);
    expect((await acme.tenantAdmin('PATCH', acme.path, { branding: null })).status).toBe(403);
  });
});
