import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { captureLog } from '../support/captured-log.js';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from './running-api.js';

let api: RunningApi;
let acme: RunningTenant;
beforeAll(async () => {
  Object.assign(process.env, { GRANTKEEPER_ACCESS_LOG: 'on' });
  api = await runApi();
  acme = await api.tenant('acme');
  await acme.connect();
});
afterAll(async () => {
  await api.close();
  log.restore();
});

const log = captureLog();
const linesOf = (msg: string) => log.lines.filter((line) => line['msg'] === msg);

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const instant = /^20\d\d-.*Z$/;
const answered = 'request answered';
const longest = 'aZ09._:+=/-'.padEnd(128, 'x');
const token = '/v1/tenants/acme/connections/main/token';

describe('the id of a request', () => {
  it.each([
    ['a read from memory', 'GET', token, 200],
    ['a read by the route', 'GET', `${token}?`, 200],
    ['a refused parameter', 'GET', `${token}?min_ttl=x`, 400],
    ['an unknown route', 'GET', '/nowhere', 404],
    ['a path that cannot be decoded', 'GET', '/v1/tenants/%zz', 400],
    ['a body that is not JSON', 'POST', '/v1/tenants', 400],
    ['a page', 'GET', '/v1/callback?state=x', 400],
    ['no answer of the API', 'GET', '/livez', 200],
    ['a token endpoint', 'POST', '/oauth2/token', 400],
  ])('is taken from the caller and sent back: %s', async (_, method, path, status) => {
    const client = path === token || path.startsWith(`${token}?`) ? acme.reader : api.admin;
    const body = method === 'POST' ? 'not JSON' : undefined;
    const answer = await client(method, path, body, { 'x-request-id': longest });
    expect([answer.status, answer.headers.get('x-request-id')]).toEqual([status, longest]);
    if (answer.headers.get('content-type') === 'application/problem+json')
      expect(answer.json.request_id).toBe(longest);
  });

  it.each([
    ['absent', undefined],
    ['empty', ''],
    ['too long', `${longest}x`],
    ['of other characters', 'a b'],
    ['a list', 'a,b'],
    ['of another alphabet', 'é'],
    ['markup', '<script>'],
  ])('is made where it is %s', async (_, sent) => {
    const headers: Record<string, string> = sent === undefined ? {} : { 'x-request-id': sent };
    for (const [path, status] of [
      [token, 200],
      ['/v1/tenants/acme/connections/none/token', 404],
    ] as const) {
      const answer = await acme.reader('GET', path, undefined, headers);
      expect([answer.status, answer.headers.get('x-request-id')]).toEqual([
        status,
        expect.stringMatching(uuid),
      ]);
      if (status === 404) expect(answer.json.request_id).toBe(answer.headers.get('x-request-id'));
    }
  });

  it('is in every problem of a batch, and in the audit event of a change', async () => {
    const headers = { 'x-request-id': 'batch-1' };
    const batch = await acme.reader('POST', `${acme.path}/tokens`, { connections: ['none'] }, headers);
    expect(batch.json.items[0].error.request_id).toBe('batch-1');
    await acme.tenantAdmin('PATCH', `${acme.path}/connections/main`, { labels: { a: 'b' } }, headers);
    const events = await acme.tenantAdmin('GET', `${acme.path}/audit_events?limit=200`);
    expect(events.json.items.map(({ data }: { data: object }) => data)).toContainEqual({
      request_id: 'batch-1',
      changed: { labels: { old: {}, new: { a: 'b' } } },
    });
  });

  it('is that of the first request in an answer that is given again', async () => {
    const wrong = { id: 'again', credential: 'none', grant: 'client_credentials' };
    const send = (id: string) =>
      acme.connector('POST', `${acme.path}/connections`, wrong, {
        'x-request-id': id,
        'idempotency-key': 'again',
      });
    const [first, second] = [await send('first'), await send('second')];
    expect(first.json.request_id).toBe('first');
    expect(second.json).toEqual(first.json);
    expect(second.headers.get('x-request-id')).toBe('second');
  });

  it('is in the log lines of what it began, also after a body was read', async () => {
    await api.sandbox.rule({
      match: { provider: 'vonage-contact-center' },
      status: 401,
      body: '{"error":"invalid_client"}',
    });
    await renewWithLateBody('renew-1');
    expect(linesOf('renewal failed')).toEqual([
      {
        level: 'warn',
        time: expect.stringMatching(instant),
        msg: 'renewal failed',
        request_id: 'renew-1',
        tenantId: expect.stringMatching(uuid),
        connectionId: expect.stringMatching(uuid),
        connection: 'main',
        provider: 'vonage-contact-center',
        code: 'invalid_client',
        class: 'configuration',
        attempts: 1,
        nextAttemptAt: expect.stringMatching(instant),
        providerError: { status: 401, error: 'invalid_client' },
      },
    ]);
  });
});

describe('the access log', () => {
  it('has one line for each request, with its route and never its address', async () => {
    const secret = 'canary-in-the-query';
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const logged = { name: 'logged', role: 'token_reader' };
    const made = { 'x-request-id': 'key-made' };
    const key = await expectStatus(201, api.admin('POST', `${acme.path}/api_keys`, logged, made));
    const caller: string = key.json.id;
    const client = api.as(key.json.key);
    const grant = `grant_type=client_credentials&audience=acme/main&client_id=${caller}&client_secret=${key.json.key}`;
    const oauth2 = '/oauth2/token';
    const route = '/v1/tenants/:tenant/connections/:id/token';
    const batch = '/v1/tenants/:tenant/tokens';
    const asked = [
      ['GET', token, undefined, {}, client, { route, status: 200, caller }],
      ['GET', `${token}?`, undefined, {}, client, { route, status: 200, caller }],
      ['GET', `${token}?min_ttl=10&x=${secret}`, undefined, {}, client, { route, status: 400, caller: null }],
      ['GET', token.replace('main', 'none'), undefined, {}, client, { route, status: 404, caller }],
      ['GET', token, undefined, {}, api.anonymous, { route, status: 401, caller: null }],
      [
        'POST',
        `${acme.path}/tokens`,
        { connections: ['main'] },
        {},
        client,
        { route: batch, status: 200, caller },
      ],
      ['POST', oauth2, grant, form, api.anonymous, { route: oauth2, status: 200, caller }],
      [
        'DELETE',
        `/v1/tenants/acme?x=${secret}`,
        undefined,
        {},
        client,
        { route: '/v1/tenants/:tenant', status: 403, caller },
      ],
      ['GET', `/${secret}`, undefined, {}, client, { route: null, status: 404, caller: null }],
      ['GET', `/v1/tenants/%zz${secret}`, undefined, {}, client, { route: null, status: 400, caller: null }],
      [
        'GET',
        `/v1/callback?state=${secret}`,
        undefined,
        {},
        api.anonymous,
        { route: '/v1/callback', status: 400, caller: null },
      ],
      ['HEAD', '/livez', undefined, {}, api.anonymous, { route: '/livez', status: 200, caller: null }],
    ] as const;
    await eventually(() => expect(linesOf(answered).at(-1)).toMatchObject({ request_id: 'key-made' }));
    const before = linesOf(answered).length;
    for (const [index, [method, path, body, headers, as]] of asked.entries()) {
      await as(method, path, body, { ...headers, 'x-request-id': `access-${index}` });
      await eventually(() => expect(linesOf(answered)).toHaveLength(before + index + 1));
    }
    expect(linesOf(answered).slice(before)).toEqual(
      asked.map(([method, , , , , expected], index) => ({
        level: 'info',
        time: expect.stringMatching(instant),
        msg: answered,
        method,
        request_id: `access-${index}`,
        ms: expect.any(Number),
        ...expected,
      })),
    );
    expect(JSON.stringify(log.lines)).not.toContain(secret);
    expect(JSON.stringify(log.lines)).not.toContain(key.json.key);
  });
});

/** The body comes when the api has long begun: by an event of the socket. */
function renewWithLateBody(id: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${api.adminKey}`,
      'content-type': 'application/json',
      'content-length': 2,
      expect: '100-continue',
      'x-request-id': id,
    };
    const sent = request(`${api.origin}${acme.path}/connections/main/renew`, { method: 'POST', headers });
    sent.on('continue', () => sent.end('{}'));
    sent.on('response', (answer) => answer.resume().on('end', resolve));
    sent.on('error', reject);
    sent.flushHeaders();
  });
}
