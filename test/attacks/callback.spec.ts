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
      await flow.installation.database.query<{ outcome: string; action: string; tenant: string }>(
        `select outcome, action, t.slug as tenant from gk.audit_events e join gk.tenants t on t.id = e.tenant_id
         where action <> 'token.read' and t.slug = 'acme' order by e.sequence desc limit 1`,
      )
    )[0];

  const auditRows = async () =>
    (
      await flow.installation.database.query<{ n: number }>(
        "select count(*)::int as n from gk.audit_events where action <> 'token.read'",
      )
    )[0]?.n;

  /** Turned away with a plain page that repeats nothing, an audit row of the session's tenant, and no token. */
  async function expectRefused(visit: Visit, outcome: string): Promise<void> {
    await expectPlainRefusal(visit);
    expect(await lastAudit()).toMatchObject({ outcome, tenant: 'acme' });
  }

  /** The same, but it belongs to no session: whoever sends it can write nothing. */
  async function expectIgnored(visiting: () => Promise<Visit>, status = 400): Promise<void> {
    const before = await auditRows();
    const visit = await visiting();
    await expectPlainRefusal(visit);
    expect(visit.status).toBe(status);
    expect(await auditRows()).toBe(before);
  }

  async function expectPlainRefusal(visit: Visit): Promise<void> {
    expect(visit.status).toBeGreaterThanOrEqual(400);
    expect(visit.status).toBeLessThan(500);
    expect(visit.location).toBeNull();
    expect(visit.text).toContain('<!doctype html>');
    for (const [, value] of new URL(visit.url).searchParams) {
      if (value.trim() !== '') expect(visit.text).not.toContain(value);
    }
    expect(await tokensStored()).toBe(0);
    const logs = flow.installation.processes.flatMap((process) => process.lines).join('\n');
    for (const name of ['code', 'state']) {
      const value = new URL(visit.url).searchParams.get(name);
      if (value && value.length > 10) expect(logs).not.toContain(value);
    }
  }

  it('without a state, or with one nobody gave out', async () => {
    const browser = new Browser();
    for (const state of ['', '&state=', '&state=made-up-state', `&state=${'x'.repeat(43)}`]) {
      await expectIgnored(() => browser.visit(`${flow.callback}?code=0123456789abc${state}`));
    }
    await expectIgnored(() =>
      browser.visit(`${flow.callback}?code=0123456789abc&code=0123456789abd&state=made-up`),
    );
  });

  it.each([
    '%00',
    'made-up%00state',
    '%0a',
    '%zz%ff',
    'made-up-%C3%A4',
    'x'.repeat(1_025),
    'x'.repeat(5_000),
  ])('with a state that is none, or is too long: %s', async (state) => {
    await expectIgnored(() => new Browser().visit(`${flow.callback}?code=0123456789abc&state=${state}`));
  });

  it('at a path that cannot be of a credential, or with a link that cannot be one', async () => {
    const { origin } = new URL(flow.callback);
    for (const path of [
      'callback/ACME/client',
      'callback/acme/%00',
      'connect/made-up',
      `connect/${'x'.repeat(44)}`,
    ]) {
      await expectIgnored(() => new Browser().visit(`${origin}/v1/${path}?state=${'x'.repeat(43)}`), 404);
    }
    await expectIgnored(() => new Browser().visit(`${origin}/v1/connect/${'x'.repeat(43)}`), 410);
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

  it('that come ten minutes after the link was opened, which may be good for a week', async () => {
    const authorize = (link_ttl: number) =>
      flow.api.admin('POST', `/v1/tenants/acme/connections/${id}/authorize`, {
        return_url: returnUrl,
        link_ttl,
      });
    for (const wrong of [59, 604_801, 60.5]) expect((await authorize(wrong)).status).toBe(400);
    const { json } = await authorize(604_800);
    expect(Date.parse(json.expires_at) - Date.now()).toBeGreaterThan(604_700_000);
    await flow.installation.database.setClockOffset(604_000);
    const { browser, callbackUrl } = await flow.consent(json.authorization_url);
    await flow.installation.database.setClockOffset(604_000 + 630);
    await expectRefused(await browser.visit(callbackUrl), 'state_expired');
  });

  it('but those of a link that was opened in its last minute are not late', async () => {
    await flow.installation.database.setClockOffset(570);
    const { browser, callbackUrl } = await flow.consent(authorizationUrl);
    await flow.installation.database.setClockOffset(570 + 300);
    expect((await browser.visit(callbackUrl)).status).toBe(303);
  });

  it("on another tenant's path, another credential's, or the path without them", async () => {
    const { browser, callbackUrl } = await flow.consent(authorizationUrl);
    for (const path of ['/v1/callback/other/client', '/v1/callback/acme/client-2', '/v1/callback']) {
      const elsewhere = new URL(callbackUrl);
      elsewhere.pathname = path;
      await expectRefused(await browser.visit(elsewhere.href), 'wrong_place');
    }
  });

  it.each(['code', 'error', 'iss'])('with %s twice', async (name) => {
    const { browser, callbackUrl } = await flow.consent(authorizationUrl);
    const url = new URL(callbackUrl);
    for (const value of ['first-value-0', 'second-value-0']) url.searchParams.append(name, value);
    await expectRefused(await browser.visit(url.href), 'parameters_repeated');
  });

  it('with two states: that is no session', async () => {
    const { browser, callbackUrl } = await flow.consent(authorizationUrl);
    await expectIgnored(() => browser.visit(`${callbackUrl}&state=second-value-0`));
    expect((await browser.visit(callbackUrl)).status).toBe(303);
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
    expect(await lastAudit()).toMatchObject({ outcome: 'link_not_usable', tenant: 'acme' });
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

  it('names another issuer although it need not name any', async () => {
    await flow.credential('quiet', { authorization_response_iss_parameter_supported: false });
    const { browser, callbackUrl } = await flow.consent(await flow.begin(`quiet-${count}`, 'quiet'));
    const url = new URL(callbackUrl);
    url.searchParams.set('iss', 'https://evil.example.com');
    await expectRefused(await browser.visit(url.href), 'wrong_issuer');
    url.searchParams.delete('iss');
    expect((await browser.visit(url.href)).status).toBe(303);
  });

  it('comes to the path that all share: only for one server, and only with its issuer', async () => {
    const shared = {
      redirect_uri: `${new URL(flow.callback).origin}/v1/callback`,
      authorization_response_iss_parameter_supported: false,
    };
    expect((await flow.credential('shared', shared)).status).toBe(201);
    const elsewhere = { ...shared, issuer: 'https://evil.example.com' };
    const refused = { status: 400, json: { errors: [{ field: 'settings.redirect_uri' }] } };
    expect(await flow.credential('evil', elsewhere)).toMatchObject(refused);
    expect((await flow.credential('evil', { issuer: elsewhere.issuer })).status).toBe(201);
    const change = { client_secret: 'broker-secret-0123456789-0123456789', settings: elsewhere };
    const evil = '/v1/tenants/acme/credentials/evil';
    expect(await flow.api.admin('PATCH', evil, change)).toMatchObject(refused);

    const { browser, callbackUrl } = await flow.consent(await flow.begin(`shared-${count}`, 'shared'));
    const url = new URL(callbackUrl);
    expect(url.pathname).toBe('/v1/callback');
    url.searchParams.delete('iss');
    await expectRefused(await browser.visit(url.href), 'wrong_issuer');
    expect((await browser.visit(callbackUrl)).status).toBe(303);
  });

  it('belongs to a session that a later one has taken the place of', async () => {
    const path = `/v1/tenants/acme/connections/${id}`;
    const again = async () =>
      (await flow.api.admin('POST', `${path}/authorize`, { return_url: returnUrl })).json.authorization_url;
    const unopened = await again();
    const first = await flow.consent(await again());
    const second = await flow.consent(await again());
    expect((await new Browser().visit(unopened)).status).toBe(410);
    await expectRefused(await first.browser.visit(first.callbackUrl), 'state_expired');
    // The one that has come back, and waits to be confirmed, does not count either.
    const { confirmation_code } = flow.returned((await second.browser.visit(second.callbackUrl)).location);
    await again();
    expect((await flow.api.admin('POST', `${path}/complete`, { confirmation_code })).status).toBe(400);
    expect(await tokensStored()).toBe(0);
  });

  it('belongs to a tenant that is disabled, and so does a link', async () => {
    const { browser, callbackUrl } = await flow.consent(authorizationUrl);
    const link = await flow.begin(`link-${count}`);
    await flow.api.admin('PATCH', '/v1/tenants/acme', { disabled: true });
    await expectIgnored(() => browser.visit(callbackUrl));
    await expectIgnored(() => new Browser().visit(link), 410);
    await flow.api.admin('PATCH', '/v1/tenants/acme', { disabled: false });
    expect((await browser.visit(callbackUrl)).status).toBe(303);
    expect((await new Browser().visit(link)).status).toBe(303);
  });

  it('asks for a token by HEAD', async () => {
    const path = `/v1/tenants/acme/connections/${id}/token`;
    const answer = await flow.api.admin('HEAD', path);
    expect(answer).toMatchObject({ status: 405, text: '' });
    expect(answer.headers.get('allow')).toBe('GET');
  });
});
