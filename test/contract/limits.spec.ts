import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateApiKey } from '#access';
import { eventually } from '#testing';
import type { Answer, Client } from '../support/http.js';
import { contactCenterClient } from '../support/onboarding.js';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from './running-api.js';

let api: RunningApi;
let acme: RunningTenant;
beforeAll(async () => {
  const quotas = { connections: 12, credentials: 2, api_keys: 4, open_links: 2 };
  process.env['GRANTKEEPER_TENANT_QUOTAS'] = JSON.stringify(quotas);
  api = await runApi();
  acme = await api.tenant('acme');
  await acme.connect();
});
afterAll(() => api.close());

const statuses = (answers: readonly Answer[]) => [...new Set(answers.map(({ status }) => status))].sort();
const atOnce = (count: number, ask: () => Promise<Answer>) => Promise.all(Array.from({ length: count }, ask));

function expectTooMany(answers: readonly Answer[]): void {
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.json).toMatchObject({ code: 'rate_limited', status: 429 });
  expect(refused?.headers.get('content-type')).toBe('application/problem+json');
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
}

describe('requests', () => {
  const limit = (change: object) => expectStatus(200, api.admin('PATCH', acme.path, change));
  const token = (client: Client, path = acme.path) => client('GET', `${path}/connections/main/token`);
  /** Reads that many tokens at once, as soon as this replica knows of the limit. */
  const readsLimitedTo = (perSecond: number, read: () => Promise<Answer>) =>
    eventually(async () => {
      const answers = await atOnce(4 * perSecond, read);
      expect(statuses(answers)).toEqual([200, 429]);
      return answers;
    });

  it('of a tenant are limited, those for tokens in memory too, and in nobody else’s way', async () => {
    const other = await api.tenant();
    await other.connect();
    await token(acme.reader);
    await limit({ rate_limit_per_second: 10 });
    expectTooMany(await readsLimitedTo(10, () => token(acme.reader)));
    expectTooMany(await atOnce(20, () => acme.tenantAdmin('GET', acme.path)));
    expect(statuses(await atOnce(40, () => token(other.reader, other.path)))).toEqual([200]);
    expect(statuses(await atOnce(40, () => api.admin('GET', acme.path)))).toEqual([200]);
    await limit({ rate_limit_per_second: null });
    await eventually(async () => expect(statuses(await atOnce(40, () => token(acme.reader)))).toEqual([200]));
  });

  it('of one key are limited beside those of the others', async () => {
    await limit({ key_rate_limit_per_second: 10 });
    expectTooMany(await readsLimitedTo(10, () => token(acme.reader)));
    expect((await token(acme.tenantAdmin)).status).toBe(200);
    await limit({ key_rate_limit_per_second: null });
  });

  it.each([0, -1, 1.5, 1_000_001, '10'])('cannot be limited to %s', async (rate_limit_per_second) => {
    const answer = await api.admin('PATCH', acme.path, { rate_limit_per_second });
    expect(answer).toMatchObject({ status: 400, json: { errors: [{ field: 'rate_limit_per_second' }] } });
  });
});

describe('failed authentication', () => {
  it('is 429 in the end, from this address, and never for a good key', async () => {
    const madeUp = () => api.as(generateApiKey('tenant_admin'))('GET', acme.path);
    const answers = await atOnce(80, madeUp);
    expect(statuses(answers)).toEqual([401, 429]);
    expectTooMany(answers);
    const fresh = await api.tenant();
    expect((await fresh.reader('GET', `${fresh.path}/connections/none/token`)).status).toBe(404);
    expect((await acme.tenantAdmin('GET', acme.path)).status).toBe(200);
    expect((await api.anonymous('GET', acme.path)).status).toBe(401);
  });
});

describe('prompts', () => {
  it('come to one person five times at once, however the number is written, and to others still', async () => {
    const demo = await fetch(`${api.sandbox.origin}/_control/demo-application`);
    const { client_id, private_key } = (await demo.json()) as { client_id: string; private_key: string };
    const ringing = await api.tenant();
    const credential = { id: 'app', provider: 'vonage-network', client_id, private_key };
    await expectStatus(201, api.admin('POST', `${ringing.path}/credentials`, credential));
    const scope = 'dpv:FraudPreventionAndDetection#check-sim-swap';
    const ring = (login_hint: string, id: string) =>
      ringing.connector('POST', `${ringing.path}/connections`, {
        id,
        credential: 'app',
        grant: 'ciba',
        login_hint,
        scope,
      });
    const first = await ring('+447700900001', 'first');
    expect(first.status).toBe(202);
    const again = () => ringing.connector('POST', `${ringing.path}/connections/first/authorize`, {});
    const answers = await atOnce(4, again);
    expect(statuses(answers)).toEqual([202]);
    expectTooMany([await again()]);
    const other = await ring('tel:+447700900001', 'other');
    expectTooMany([other]);
    expect(Number(other.headers.get('retry-after'))).toBeGreaterThan(20);
    expect((await ringing.tenantAdmin('GET', `${ringing.path}/connections/other`)).status).toBe(404);
    expect((await ring('+447700900002', 'other')).status).toBe(202);
  });
});

describe('quotas', () => {
  const madeUntilFull = async (count: number, make: (index: number) => Promise<Answer>) => {
    const answers: Answer[] = [];
    for (let index = 0; index < count; index += 1) answers.push(await make(index));
    return answers.map(({ status }) => status);
  };

  it('hold for client credentials and keys of each tenant', async () => {
    const tenant = await api.tenant();
    const post = (path: string, body: object) => tenant.tenantAdmin('POST', `${tenant.path}/${path}`, body);
    expect(await madeUntilFull(2, () => post('credentials', contactCenterClient))).toEqual([201, 409]);
    const key = { name: 'one more', role: 'connector' };
    expect(await madeUntilFull(2, () => post('api_keys', key))).toEqual([201, 409]);
    expect((await post('api_keys', key)).json).toMatchObject({
      code: 'conflict',
      detail: 'This tenant has as many API keys as it may have: 4.',
      remedy: expect.stringContaining('GRANTKEEPER_TENANT_QUOTAS'),
    });
    const platform = await api.admin('POST', '/v1/api_keys', { name: 'more', role: 'platform_admin' });
    expect(platform.status).toBe(201);
  });

  it('hold for connections, and room is made by deleting', async () => {
    const tenant = await api.tenant();
    const make = (id: string) =>
      tenant.tenantAdmin('POST', `${tenant.path}/connections`, {
        id,
        credential: 'client',
        grant: 'client_credentials',
      });
    const made = await madeUntilFull(13, (index) => make(`c-${index}`));
    expect(made).toEqual([...Array(12).fill(201), 409]);
    await expectStatus(204, tenant.tenantAdmin('DELETE', `${tenant.path}/connections/c-0`));
    expect((await make('again')).status).toBe(201);
  });

  it('hold for links that nobody has come back from', async () => {
    const tenant = await api.tenant();
    const settings = {
      authorization_endpoint: 'https://server.example.com/authorize',
      token_endpoint: 'https://server.example.com/token',
      return_urls: ['https://app.example.com/'],
    };
    const credential = {
      id: 'code',
      provider: 'generic-oauth2',
      client_id: 'a',
      client_secret: 'b',
      settings,
    };
    await expectStatus(201, api.admin('POST', `${tenant.path}/credentials`, credential));
    const begin = (index: number) =>
      tenant.connector('POST', `${tenant.path}/connections`, {
        id: `link-${index}`,
        credential: 'code',
        grant: 'authorization_code',
        return_url: 'https://app.example.com/',
      });
    expect(await madeUntilFull(2, begin)).toEqual([202, 202]);
    expectTooMany([await begin(2)]);
    const again = { return_url: 'https://app.example.com/' };
    expectTooMany([await tenant.connector('POST', `${tenant.path}/connections/link-0/authorize`, again)]);
    await api.database.setClockOffset(601);
    expect((await begin(3)).status).toBe(202);
    await api.database.setClockOffset(0);
  });
});
