import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loggedLines } from '../support/logged-lines.js';
import { type RunningApi, type RunningTenant, runApi } from './running-api.js';

let api: RunningApi;
let acme: RunningTenant;
beforeAll(async () => {
  api = await runApi();
  acme = await api.tenant('acme');
  await acme.connect();
});
afterAll(() => api.close());

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const longest = 'aZ09._:+=/-'.padEnd(128, 'x');
const token = '/v1/tenants/acme/connections/main/token';

describe('the id of a request', () => {
  it.each([
    ['a read from memory', 'GET', token, 200],
    ['a read by the route', 'GET', `${token}?min_ttl=060`, 200],
    ['a refused parameter', 'GET', `${token}?min_ttl=x`, 400],
    ['an unknown route', 'GET', '/nowhere', 404],
    ['a path that cannot be decoded', 'GET', '/v1/tenants/%zz', 400],
    ['a body that is not JSON', 'POST', '/v1/tenants', 400],
    ['a page', 'GET', '/v1/callback?state=x', 400],
    ['no answer of the API', 'GET', '/livez', 200],
    ['a token endpoint', 'POST', '/oauth2/token', 415],
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
    await api.sandbox.rule({ match: { provider: 'vonage-contact-center' }, status: 503, body: 'down' });
    const lines = await loggedLines(() => renewWithLateBody('renew-1'));
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: 'renewal failed', connection: 'main', request_id: 'renew-1' }),
    );
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
