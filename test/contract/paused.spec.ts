import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Renewer } from '#renewal';
import { eventually, type Loopback, serve } from '#testing';
import { ChangeFeed } from '#vault';
import { apiClientOf } from '../support/api-client.js';
import type { Answer } from '../support/http.js';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from './running-api.js';

let api: RunningApi;
let server: Loopback;
let tenant: RunningTenant;
/** The grant types of the token requests that the server got. */
let asked: string[] = [];

beforeAll(async () => {
  server = await serve(async (request, response) => {
    const form = new URLSearchParams(await text(request));
    const device = {
      device_code: 'device-code',
      user_code: 'ABCD',
      verification_uri: 'https://example.com/device',
      expires_in: 600,
      interval: 5,
    };
    if (request.url === '/token') asked.push(form.get('grant_type')?.split(':').at(-1) ?? '');
    const token = { access_token: `token-${asked.length}`, token_type: 'bearer', expires_in: 600 };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(request.url === '/token' ? { ...token, refresh_token: `r-${asked.length}` } : device),
    );
  });
  api = await runApi();
  tenant = await api.tenant();
  const credential = (id: string, more: object) => ({
    id,
    provider: 'generic-oauth2',
    client_id: 'app',
    client_secret: 'a secret of this client',
    settings: {
      token_endpoint: `${server.origin}/token`,
      authorization_endpoint: `${server.origin}/authorize`,
      device_authorization_endpoint: `${server.origin}/device`,
      allow_unconfirmed: true,
      ...more,
    },
  });
  for (const body of [credential('server', {}), credential('late', { renewal_lead_seconds: 30 })])
    await expectStatus(201, tenant.tenantAdmin('POST', `${tenant.path}/credentials`, body));
});
beforeEach(async () => {
  await api.database.setClockOffset(0);
  await api.database.query('delete from gk.connections');
  asked = [];
});
afterAll(async () => {
  await api.close();
  await server.close();
});

const call = (method: string, rest: string, body?: object) =>
  tenant.tenantAdmin(method, `${tenant.path}/connections${rest}`, body);
const read = (query = '') => tenant.reader('GET', `${tenant.path}/connections/main/token${query}`);
const pause = (paused: unknown) => call('PATCH', '/main', { paused } as object);
const make = (grant: string, credential = 'server') => call('POST', '', { id: 'main', credential, grant });
/** How many connections a worker finds due. */
const claimed = () => api.app.get(Renewer, { strict: false }).renewDue(10);
const makeDue = () => api.database.query('update gk.connections set next_renewal_at = gk.now()');

function isPaused(answer: Answer): void {
  expect(answer).toMatchObject({
    status: 409,
    json: { code: 'connection_paused', remedy: expect.stringContaining('"paused": false') },
  });
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
}

describe('a paused connection', () => {
  it('is not read, not even from memory, from the answer to the pause on', async () => {
    await expectStatus(201, make('client_credentials'));
    for (let round = 0; round < 5; round += 1) {
      await expectStatus(200, read());
      // The notification is late: this replica has to know by itself what it has changed.
      await api.stopHearing();
      expect((await pause(true)).json).toMatchObject({ paused: true, status: 'active' });
      isPaused(await read());
      expect((await pause(false)).json).toMatchObject({ paused: false });
    }
    await expectStatus(200, read());
    expect(asked).toHaveLength(1);
    // The tests after this one begin with a replica that hears the database.
    const feed = api.app.get(ChangeFeed);
    const heardAtMs = feed.lastHeardAtMs;
    await eventually(() => expect(feed.lastHeardAtMs).toBeGreaterThan(heardAtMs + 1_500), 10_000);
  });

  it('is not renewed by the worker, a read, a rejection or on demand, and falls due when it is lifted', async () => {
    await expectStatus(201, make('client_credentials'));
    await expectStatus(200, call('POST', '/main/renew'));
    await expectStatus(200, pause(true));
    await makeDue();
    await api.database.setClockOffset(700);
    expect(await claimed()).toBe(0);
    expect((await call('GET', '')).json.items).toMatchObject([{ paused: true, next_renewal_at: null }]);
    isPaused(await read());
    for (const generation of [1, 2])
      isPaused(
        await tenant.reader('POST', `${tenant.path}/connections/main/token/rejections`, { generation }),
      );
    isPaused(await call('POST', '/main/renew'));
    expect(asked).toHaveLength(2);

    expect((await pause(false)).json.next_renewal_at).not.toBeNull();
    expect(await claimed()).toBe(1);
    expect((await expectStatus(200, read())).json.generation).toBe(3);
  });

  it('is renewed by the first read after the pause where the token has ended meanwhile', async () => {
    await expectStatus(201, make('client_credentials'));
    await expectStatus(200, pause(true));
    await api.database.setClockOffset(700);
    await expectStatus(200, pause(false));
    expect((await expectStatus(200, read())).json.generation).toBe(2);
  });

  it('refuses a claim that was on its way when the pause came', async () => {
    await expectStatus(201, make('client_credentials'));
    const [row] = await api.database.query<{ id: string; tenant_id: string }>(
      'select id, tenant_id from gk.connections',
    );
    await expectStatus(200, pause(true));
    const target = { tenantId: row?.tenant_id ?? '', connectionId: row?.id ?? '', generation: 1 };
    const renewer = api.app.get(Renewer, { strict: false });
    expect(await renewer.renew(target, { insist: true })).toEqual({ kind: 'paused' });
    expect(asked).toHaveLength(1);
  });

  it('is not polled for while its user has not answered', async () => {
    await expectStatus(202, make('device_code'));
    await expectStatus(200, pause(true));
    await api.database.setClockOffset(30);
    expect(await claimed()).toBe(0);
    isPaused(await read());
    isPaused(await call('POST', '/main/renew'));
    // Nor is a code renewed with that waits for its exchange.
    await api.database.query('update gk.pending_grants set polled = false');
    isPaused(await call('POST', '/main/renew'));
    expect(asked).toEqual([]);
    await expectStatus(202, call('POST', '/main/authorize', {}));
    await expectStatus(200, pause(false));
    await api.database.setClockOffset(60);
    expect(await claimed()).toBe(1);
    await eventually(() => expect(asked).toEqual(['device_code']));
  });

  it('can be authorised: the code does not wait, the token does', async () => {
    await expectStatus(202, make('authorization_code'));
    await expectStatus(200, pause(true));
    const { json } = await expectStatus(202, call('POST', '/main/authorize', {}));
    const begun = await fetch(api.origin + new URL(json.authorization_url).pathname, { redirect: 'manual' });
    const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state');
    const cookie = begun.headers.getSetCookie().map((line) => line.split(';', 1)[0]);
    const callback = `/v1/callback/${tenant.slug}/server?code=a-code&state=${state}`;
    await expectStatus(
      200,
      apiClientOf(api.origin)('GET', callback, undefined, { cookie: cookie.join('; ') }),
    );
    expect(asked).toEqual(['authorization_code']);
    expect((await call('GET', '/main')).json).toMatchObject({
      status: 'active',
      paused: true,
      generation: 1,
    });
    isPaused(await read());
    await expectStatus(200, pause(false));
    await expectStatus(200, read());
  });

  it('is in its history once for each change, with who did it, and in the audit', async () => {
    await expectStatus(201, make('client_credentials'));
    for (const paused of [true, true, false, false]) await expectStatus(200, pause(paused));
    const { json } = await call('GET', '/main/events');
    const [, ...events] = json.items;
    const by = expect.stringMatching(/./);
    expect(events).toMatchObject([
      { type: 'connection.paused', data: { by } },
      { type: 'connection.resumed', data: { by } },
    ]);
    const audit = await tenant.tenantAdmin('GET', `${tenant.path}/audit_events?limit=200`);
    const changes = audit.json.items.filter(({ action }: { action: string }) => action.startsWith('PATCH'));
    expect(changes.at(-1)).toMatchObject({
      target: `${tenant.path}/connections/main`,
      actor: events[1].data.by,
    });
  });

  it('changes together with labels and renewal, and nothing else lifts it', async () => {
    await expectStatus(201, make('client_credentials'));
    const change = { paused: true, labels: { a: 'b' }, renewal: 'eager' };
    expect((await call('PATCH', '/main', change)).json).toMatchObject(change);
    expect((await call('PATCH', '/main', { renewal: 'on_demand' })).json).toMatchObject({
      paused: true,
      renewal: 'on_demand',
    });
    isPaused(await read());
  });

  it.each([['yes'], [1], [null], [{}]])('%j is 400 and named', async (paused) => {
    await expectStatus(201, make('client_credentials'));
    const answer = await pause(paused);
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    expect(JSON.stringify(answer.json)).toContain('"paused"');
    await expectStatus(200, read());
  });
});

describe('renewal_lead_seconds', () => {
  it('keeps a read from renewing earlier, whatever life it asks for: the valid token is served', async () => {
    await expectStatus(201, make('client_credentials', 'late'));
    await api.database.setClockOffset(400);
    expect((await expectStatus(200, read('?min_ttl=86400'))).json.generation).toBe(1);
    await api.database.setClockOffset(560);
    expect((await expectStatus(200, read('?min_ttl=300'))).json.generation).toBe(1);
    expect(asked).toHaveLength(1);
    await api.database.setClockOffset(575);
    expect((await expectStatus(200, read('?min_ttl=300'))).json.generation).toBe(2);
  });

  it('does not keep a reported rejection from renewing', async () => {
    await expectStatus(201, make('client_credentials', 'late'));
    const rejections = `${tenant.path}/connections/main/token/rejections`;
    expect((await tenant.reader('POST', rejections, { generation: 1 })).json).toEqual({
      generation: 2,
      renewed: true,
    });
  });

  it('is nothing to other servers: less than was asked for is renewed first', async () => {
    await expectStatus(201, make('client_credentials'));
    await api.database.setClockOffset(400);
    expect((await expectStatus(200, read('?min_ttl=300'))).json.generation).toBe(2);
  });
});
