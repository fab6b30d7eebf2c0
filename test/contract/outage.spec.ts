import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { Database } from '#vault';
import { type RunningApi, type RunningTenant, runApi } from './running-api.js';

let api: RunningApi;
let acme: RunningTenant;
beforeAll(async () => {
  api = await runApi();
  acme = await api.tenant('acme');
});
afterAll(() => api.close());

/** A path that cannot be one of our links, states or places is turned away without a question to the database. */
async function expectRefusedUnasked(): Promise<void> {
  const secret = 'x'.repeat(43);
  for (const [path, status] of [
    [`connect/${secret}x`, 404],
    ['connect/%00', 404],
    ['callback', 400],
    ['callback?code=x&state=%00', 400],
    [`callback?code=x&state=${'x'.repeat(1_025)}`, 400],
    [`callback?code=${'x'.repeat(4_097)}&state=${secret}`, 400],
    [`callback?code=x&state=${secret}&state=${secret}`, 400],
    [`callback/ACME/client?code=x&state=${secret}`, 404],
    [`callback/acme/%00?code=x&state=${secret}`, 404],
  ] as const) {
    const answer = await api.anonymous('GET', `/v1/${path}`);
    expect(`${answer.status} ${path}`).toBe(`${status} ${path}`);
    expect(answer.text).toContain('<!doctype html>');
  }
  for (const path of [`connect/${secret}`, `callback?code=x&state=${secret}`]) {
    expect((await api.anonymous('GET', `/v1/${path}`)).status).toBe(503);
  }
}

describe('with every connection to the database in use', () => {
  it('is 503 with Retry-After, and says that it is busy', async () => {
    const dataSource = api.app.get(Database).dataSource;
    const held = Array.from({ length: 10 }, () => dataSource.createQueryRunner());
    await Promise.all(held.map((runner) => runner.connect()));
    try {
      const answer = await acme.tenantAdmin('GET', `${acme.path}/connections`);
      expect(answer).toMatchObject({ status: 503, json: { code: 'unavailable', reasons: ['busy'] } });
      expect(answer.text).not.toContain('cannot be reached');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      await Promise.all(held.map((runner) => runner.release()));
    }
    expect((await acme.tenantAdmin('GET', `${acme.path}/connections`)).status).toBe(200);
  });
});

describe('without the database', () => {
  it('is 503 with Retry-After and says so in /readyz, knows who it knew, and is back within 3 s', async () => {
    expect((await api.anonymous('GET', '/readyz')).json).toEqual({ status: 'ok' });
    expect((await acme.tenantAdmin('GET', `${acme.path}/connections`)).status).toBe(200);
    const restore = await api.database.interrupt();
    try {
      await expectRefusedUnasked();
      const ready = await api.anonymous('GET', '/readyz');
      expect(ready).toMatchObject({
        status: 503,
        json: { code: 'unavailable', reasons: ['database_unreachable'] },
      });
      expect((await api.anonymous('GET', '/livez')).status).toBe(200);
      for (const caller of [acme.tenantAdmin, api.as('an-operators-own-key-of-32-characters')]) {
        const answer = await caller('GET', `${acme.path}/connections`);
        expect(answer).toMatchObject({ status: 503, json: { code: 'unavailable' } });
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      }
      // Nothing in this answer comes from the database but who is asking.
      expect((await acme.reader('GET', '/v1/providers')).status).toBe(503);
      expect((await acme.tenantAdmin('GET', '/v1/providers')).status).toBe(200);
    } finally {
      await restore();
    }
    const works = async () => {
      expect((await acme.tenantAdmin('GET', `${acme.path}/connections`)).status).toBe(200);
      expect((await api.anonymous('GET', '/readyz')).status).toBe(200);
    };
    await eventually(works, 3_000);
  });
});
