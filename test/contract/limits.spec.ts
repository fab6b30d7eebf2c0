import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import type { Answer, Client } from '../support/http.js';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from './running-api.js';

let api: RunningApi;
let acme: RunningTenant;
beforeAll(async () => {
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
