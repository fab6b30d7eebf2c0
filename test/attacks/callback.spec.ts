import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Browser, type Visit } from '../support/browser.js';
import { type CodeFlow, returnUrl, startCodeFlow } from '../support/code-flow.js';

describe('callbacks that are not what they say', () => {
  let flow: CodeFlow;
  let count = 0;
  let id: string;
  let authorizationUrl: string;

  beforeAll(async () => {
    flow = await startCodeFlow();
  }, 60_000);
  afterAll(() => flow?.close());
  beforeEach(async () => {
    count += 1;
    id = `victim-${count}`;
    authorizationUrl = await flow.begin(id);
    await flow.installation.database.setClockOffset(0);
  });

  const tokensStored = async () =>
    (await flow.installation.database.query<{ n: number }>('select count(*)::int as n from gk.token_sets'))[0]
      ?.n;
  const lastAudit = async () =>
    (
      await flow.installation.database.query<{ outcome: string; action: string }>(
        'select outcome, action from gk.audit_events order by id desc limit 1',
      )
    )[0];

  /** Turned away with a plain page that repeats nothing, an audit row, and no token. */
  async function expectRefused(visit: Visit, outcome: string): Promise<void> {
    expect(visit.status).toBeGreaterThanOrEqual(400);
    expect(visit.status).toBeLessThan(500);
    expect(visit.location).toBeNull();
    expect(visit.text).toContain('<!doctype html>');
    for (const [, value] of new URL(visit.url).searchParams) expect(visit.text).not.toContain(value);
    expect(await lastAudit()).toMatchObject({ outcome });
    expect(await tokensStored()).toBe(0);
    const logs = flow.installation.processes.flatMap((process) => process.lines).join('\n');
    for (const name of ['code', 'state']) {
      const value = new URL(visit.url).searchParams.get(name);
      if (value && value.length > 10) expect(logs).not.toContain(value);
    }
  }

  it('without a state, or with one nobody gave out', async () => {
    const browser = new Browser();
    await expectRefused(await browser.visit(`${flow.callback}?code=0123456789abc`), 'state_missing');
    await expectRefused(
      await browser.visit(`${flow.callback}?code=0123456789abc&state=made-up-state`),
      'state_unknown',
    );
  });

  it('with the secret of the link in the place of the state', async () => {
    const browser = new Browser();
    await browser.visit(authorizationUrl);
    const link = authorizationUrl.split('/').at(-1);
    await expectRefused(
      await browser.visit(`${flow.callback}?code=x0123456789&state=${link}`),
      'state_unknown',
    );
  });

  it('from another browser than the one that was sent away', async () => {
    const { callbackUrl } = await flow.consent(authorizationUrl);
    await expectRefused(await new Browser().visit(callbackUrl), 'wrong_browser');
  });

  it('from a browser that is in a flow of its own', async () => {
    const { callbackUrl } = await flow.consent(authorizationUrl);
    const attacker = new Browser();
    await attacker.visit(await flow.begin(`attacker-${count}`));
    await expectRefused(await attacker.visit(callbackUrl), 'wrong_browser');
  });

  it('that come twice', async () => {
    const { browser, callbackUrl } = await flow.consent(authorizationUrl);
    expect((await browser.visit(callbackUrl)).status).toBe(303);
    await expectRefused(await browser.visit(callbackUrl), 'state_used');
  });

  it('that come ten times at once: one counts', async () => {
    const { browser, callbackUrl } = await flow.consent(authorizationUrl);
    const visits = await Promise.all(Array.from({ length: 10 }, () => browser.visit(callbackUrl)));
    expect(visits.map(({ status }) => status).sort()).toEqual([303, ...Array(9).fill(400)]);
  });

  it('that come after ten minutes', async () => {
    const { browser, callbackUrl } = await flow.consent(authorizationUrl);
    await flow.installation.database.setClockOffset(601);
    await expectRefused(await browser.visit(callbackUrl), 'state_expired');
  });

  it("on another tenant's path, another credential's, or the path without them", async () => {
    const { browser, callbackUrl } = await flow.consent(authorizationUrl);
    for (const path of ['/v1/callback/other/client', '/v1/callback/acme/client-2', '/v1/callback']) {
      const elsewhere = new URL(callbackUrl);
      elsewhere.pathname = path;
      await expectRefused(await browser.visit(elsewhere.href), 'wrong_place');
    }
  });

  it.each(['code', 'state', 'error', 'iss'])('with %s twice', async (name) => {
    const { browser, callbackUrl } = await flow.consent(authorizationUrl);
    const url = new URL(callbackUrl);
    for (const value of ['first-value-0', 'second-value-0']) url.searchParams.append(name, value);
    await expectRefused(await browser.visit(url.href), 'parameters_repeated');
  });

  it('from another issuer, or from one that does not say so', async () => {
    const { browser, callbackUrl } = await flow.consent(authorizationUrl);
    const url = new URL(callbackUrl);
    expect(url.searchParams.get('iss')).toBe(flow.server.issuer);
    url.searchParams.set('iss', 'https://evil.example.com');
    await expectRefused(await browser.visit(url.href), 'wrong_issuer');
    url.searchParams.delete('iss');
    await expectRefused(await browser.visit(url.href), 'wrong_issuer');
  });

  it('with the code of another session: PKCE refuses it at the provider', async () => {
    const mine = await flow.consent(authorizationUrl);
    const theirs = await flow.consent(await flow.begin(`other-${count}`));
    const url = new URL(mine.callbackUrl);
    url.searchParams.set('code', new URL(theirs.callbackUrl).searchParams.get('code') ?? '');
    const { confirmation_code } = flow.returned((await mine.browser.visit(url.href)).location);
    const path = `/v1/tenants/acme/connections/${id}`;
    expect((await flow.api.admin('POST', `${path}/complete`, { confirmation_code })).status).toBe(422);
    expect((await flow.api.admin('GET', path)).json.status).toBe('reauthorization_required');
    expect(await tokensStored()).toBe(0);
  });

  it('a link that was opened before, so that nobody finishes what another began', async () => {
    await new Browser().visit(authorizationUrl);
    const second = await new Browser().visit(authorizationUrl);
    expect(second.status).toBe(410);
    expect(await lastAudit()).toMatchObject({ outcome: 'link_not_usable' });
  });

  it('a confirmation code of another connection, or one that comes too late', async () => {
    const { browser, callbackUrl } = await flow.consent(authorizationUrl);
    const { confirmation_code } = flow.returned((await browser.visit(callbackUrl)).location);
    await flow.begin(`third-${count}`);
    const complete = (name: string) =>
      flow.api.admin('POST', `/v1/tenants/acme/connections/${name}/complete`, { confirmation_code });
    expect((await complete(`third-${count}`)).status).toBe(400);
    await flow.installation.database.setClockOffset(599);
    expect(await complete(id)).toMatchObject({ status: 409, json: { code: 'reauthorization_required' } });
    expect((await flow.api.admin('GET', `/v1/tenants/acme/connections/${id}`)).json).toMatchObject({
      status: 'reauthorization_required',
      last_error: { code: 'confirmation_expired' },
    });
    expect(await tokensStored()).toBe(0);
  });

  it('a denial is shown as itself, and what it says is not repeated', async () => {
    const { browser, callbackUrl } = await flow.consent(authorizationUrl);
    const url = new URL(callbackUrl);
    url.searchParams.delete('code');
    url.searchParams.set('error', 'access_denied');
    url.searchParams.set('error_description', '<script>alert(1)</script>');
    const back = await browser.visit(url.href);
    expect(back.status).toBe(303);
    expect(flow.returned(back.location)).toEqual({
      from: 'test',
      connection: id,
      status: 'reauthorization_required',
    });
    expect((await flow.api.admin('GET', `/v1/tenants/acme/connections/${id}`)).json.last_error.code).toBe(
      'access_denied',
    );
    expect(await tokensStored()).toBe(0);
  });

  it.each([
    'https://evil.example.com/',
    `${returnUrl}&more=1`,
    `${returnUrl}#x`,
    'javascript:alert(1)',
    '//evil.example.com',
  ])('a return_url that the credential does not list: %s', async (wish) => {
    const body = { credential: 'client', grant: 'authorization_code', scope: 'openid', return_url: wish };
    const answer = await flow.api.admin('POST', '/v1/tenants/acme/connections', body);
    expect(answer).toMatchObject({ status: 400, json: { errors: [{ field: 'return_url' }] } });
  });

  it('no return_url where that is not allowed on purpose', async () => {
    const body = { credential: 'client', grant: 'authorization_code', scope: 'openid' };
    const answer = await flow.api.admin('POST', '/v1/tenants/acme/connections', body);
    expect(answer).toMatchObject({
      status: 400,
      json: { errors: [{ field: 'return_url' }], remedy: expect.any(String) },
    });
  });
});
