import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Configuration } from 'oidc-provider';
import { eventually } from '#testing';
import { Browser } from '../support/browser.js';
import { type CodeFlow, returnUrl, startCodeFlow } from '../support/code-flow.js';
import type { Running } from '../support/installation.js';

const connection = '/v1/tenants/acme/connections/main';

export function codeFlow(running: Running): void {
  let flow: CodeFlow;
  let issuesRefreshToken = true;

  beforeAll(async () => {
    const configuration: Configuration = {
      claims: { openid: ['sub'], email: ['email'] },
      conformIdTokenClaims: false,
      findAccount: (_, accountId) => ({
        accountId,
        claims: async () => ({ sub: accountId, email: `${accountId}@example.com` }),
      }),
      // As some servers do: with a second consent only where it is asked for.
      issueRefreshToken: async () => issuesRefreshToken,
    };
    flow = await startCodeFlow(configuration, running);
  }, 60_000);
  afterAll(() => flow?.close());

  const probe = async (id: string) =>
    (await flow.api.admin('POST', `/v1/tenants/acme/connections/${id}/probe`)).json;
  const read = () => flow.api.admin('GET', `${connection}/token`);

  it('gets a grant with PKCE once the one who asked has confirmed', async () => {
    const { browser, callbackUrl } = await flow.consent(await flow.begin('main'));
    const requestsBefore = flow.server.tokenRequests();
    const back = await browser.visit(callbackUrl);
    expect(back.status).toBe(303);
    expect(back.location?.startsWith(returnUrl)).toBe(true);
    const returned = flow.returned(back.location);
    expect(returned).toEqual({
      from: 'test',
      connection: 'main',
      status: 'pending',
      confirmation_code: expect.any(String),
    });
    expect(flow.server.tokenRequests()).toBe(requestsBefore);
    expect((await read()).json.code).toBe('authorization_pending');
    expect(await probe('main')).toEqual({ alive: null, reason: 'no_live_token' });
    expect(browser.cookieNames().filter((name) => name.startsWith('gk_'))).toEqual([]);

    const complete = (code: string | undefined) =>
      flow.api.admin('POST', `${connection}/complete`, { confirmation_code: code });
    expect(await complete('wrong')).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    expect(await complete(returned['confirmation_code'])).toMatchObject({
      status: 200,
      json: { id: 'main', status: 'active', generation: 1 },
    });
    expect(await complete(returned['confirmation_code'])).toMatchObject({ status: 409 });
    expect(await flow.server.accepts((await read()).json.access_token)).toBe(true);
  });

  it('renews with a refresh token that rotates at every use, and is never used twice', async () => {
    const tokens = new Set<string>([(await read()).json.access_token]);
    for (const generation of [2, 3, 4]) {
      const renewed = await flow.api.admin('POST', `${connection}/renew`);
      expect(renewed).toMatchObject({ status: 200, json: { generation, status: 'active' } });
      tokens.add((await read()).json.access_token);
    }
    expect(tokens.size).toBe(4);
    // A refresh token used twice would have revoked the whole family.
    expect(await flow.server.accepts((await read()).json.access_token)).toBe(true);
  });

  it('is asked whether the grant lives, without changing it', async () => {
    const shown = async () => {
      // Reading the token, as this test does, lets it be renewed ahead of expiry.
      const { next_renewal_at: _due, ...rest } = (await flow.api.admin('GET', connection)).json;
      return rest;
    };
    const before = await shown();
    const requestsBefore = flow.server.tokenRequests();
    expect(await probe('main')).toEqual({ alive: true });
    await flow.server.revokeAccessToken((await read()).json.access_token);
    // The grant outlives one of its access tokens.
    expect(await probe('main')).toEqual({ alive: true });
    expect(await shown()).toEqual(before);
    expect(flow.server.tokenRequests()).toBe(requestsBefore);
    const audited = (await flow.api.admin('GET', '/v1/tenants/acme/audit_events?limit=200')).json.items;
    expect(
      audited.filter(({ action }: { action: string }) => action.endsWith('/probe')).at(-1),
    ).toMatchObject({
      target: `${connection}/probe`,
      outcome: '200',
    });
  });

  it('is authorised again under the same id, with its history', async () => {
    const answer = await flow.api.admin('POST', `${connection}/authorize`, { return_url: returnUrl });
    expect(answer.status).toBe(202);
    const { browser, callbackUrl } = await flow.consent(answer.json.authorization_url);
    const { confirmation_code } = flow.returned((await browser.visit(callbackUrl)).location);
    expect((await read()).status).toBe(200);
    expect(await flow.api.admin('POST', `${connection}/complete`, { confirmation_code })).toMatchObject({
      status: 200,
      json: { id: 'main', generation: 5 },
    });
    expect(await flow.server.accepts((await read()).json.access_token)).toBe(true);
    expect((await flow.api.admin('GET', `${connection}/events`)).json.items.length).toBeGreaterThan(0);
  });

  /** Authorises `main` again. @returns the answer of `complete` */
  const again = async (login: string, body: object = {}) => {
    const wish = { return_url: returnUrl, ...body };
    const { json } = await flow.api.admin('POST', `${connection}/authorize`, wish);
    const { browser, callbackUrl } = await flow.consent(json.authorization_url, undefined, login);
    const { confirmation_code } = flow.returned((await browser.visit(callbackUrl)).location);
    return flow.api.admin('POST', `${connection}/complete`, { confirmation_code });
  };
  const grows = { scope: 'openid email' };

  it('learns from the ID token who has consented, and gets more scope in place', async () => {
    const settings = { issuer: flow.server.issuer, return_urls: [returnUrl], account_from: 'id_token' };
    const changed = await flow.api.admin('PATCH', '/v1/tenants/acme/credentials/client', { settings });
    expect(changed.status).toBe(200);
    expect(await again('ada', grows)).toMatchObject({
      status: 200,
      json: { scope: 'openid email', missing_scopes: [], account: { id: 'ada', email: 'ada@example.com' } },
    });
    expect(await flow.api.admin('POST', `${connection}/renew`)).toMatchObject({
      status: 200,
      json: { scope: 'openid email', account: { id: 'ada' } },
    });
  });

  it('turns another account away: the grant of the first lives on, and is renewed', async () => {
    // A read notes within seconds that somebody reads it, and then it falls due earlier.
    await read();
    const before = await eventually(async () => {
      const { json } = await flow.api.admin('GET', connection);
      expect(Date.parse(json.next_renewal_at) - Date.now()).toBeLessThan(86_400_000);
      return json;
    }, 10_000);
    const refused = await again('bob');
    expect(refused).toMatchObject({ status: 409, json: { code: 'account_mismatch' } });
    expect(refused.json.remedy).toContain('allow_account_change');
    expect((await flow.api.admin('GET', connection)).json).toEqual(before);
    expect(await flow.server.accepts((await read()).json.access_token)).toBe(true);
    const renewed = await flow.api.admin('POST', `${connection}/renew`);
    expect(renewed).toMatchObject({ status: 200, json: { account: { id: 'ada' } } });
    expect(await again('bob', { allow_account_change: true })).toMatchObject({
      status: 200,
      json: { account: { id: 'bob', email: 'bob@example.com' } },
    });
  });

  it('keeps the refresh token before where a second consent brings none', async () => {
    issuesRefreshToken = false;
    expect((await again('bob')).status).toBe(200);
    issuesRefreshToken = true;
    expect((await flow.api.admin('POST', `${connection}/renew`)).status).toBe(200);
    expect(await flow.server.accepts((await read()).json.access_token)).toBe(true);
  });

  it('imports a refresh token obtained elsewhere by renewing it once, and keeps nothing when that fails', async () => {
    const body = { credential: 'client', grant: 'refresh_token', refresh_token: 'not-a-refresh-token' };
    const refused = await flow.api.admin('POST', '/v1/tenants/acme/connections', { id: 'imported', ...body });
    expect(refused).toMatchObject({ status: 422, json: { code: 'provider_rejected' } });
    expect((await flow.api.admin('GET', '/v1/tenants/acme/connections/imported')).status).toBe(404);
  });

  it('revokes the grant when the connection is deleted', async () => {
    const token = (await read()).json.access_token;
    expect((await flow.api.admin('DELETE', connection)).status).toBe(204);
    expect(await flow.server.accepts(token)).toBe(false);
  });

  it('answers a connection whose grant was revoked with what to do', async () => {
    const { browser, callbackUrl } = await flow.consent(await flow.begin('revoked'));
    const { confirmation_code } = flow.returned((await browser.visit(callbackUrl)).location);
    const path = '/v1/tenants/acme/connections/revoked';
    await flow.api.admin('POST', `${path}/complete`, { confirmation_code });
    expect(await probe('revoked')).toEqual({ alive: true });
    await flow.server.revokeGrants();
    expect(await probe('revoked')).toEqual({ alive: false, reason: 'token_inactive' });
    expect((await flow.api.admin('GET', path)).json).toMatchObject({ status: 'active', last_error: null });
    expect(await flow.api.admin('POST', `${path}/renew`)).toMatchObject({
      status: 409,
      json: { code: 'reauthorization_required', remedy: expect.any(String) },
    });
    expect((await flow.api.admin('GET', path)).json).toMatchObject({
      status: 'reauthorization_required',
      last_error: { code: 'invalid_grant', attempts: 1, next_attempt_at: null },
    });
  });

  it.each([
    ['invalid_scope', 'The scope crm.write is not known', 'invalid_scope'],
    ['consent_required', 'Ask again', 'consent_required'],
    ['weird_word_77', 'Only the provider knows', 'provider_refused'],
    ['access_denied', 'The user said no', 'access_denied'],
  ])('keeps the error %s of a callback as it is (e01)', async (error, error_description, code) => {
    const id = `refused-${error.replaceAll('_', '-')}`;
    const browser = new Browser();
    const { location } = await browser.visit(await flow.begin(id));
    const state = new URL(location ?? '').searchParams.get('state') ?? '';
    const query = new URLSearchParams({ error, error_description, state, iss: flow.server.issuer });
    await browser.visit(`${flow.callback}?${query}`);
    expect((await flow.api.admin('GET', `/v1/tenants/acme/connections/${id}`)).json.last_error).toMatchObject(
      {
        code,
        remedy: expect.any(String),
        provider_error: { error, error_description },
      },
    );
  });

  it('is forgotten also where the provider does not revoke it, which its event and the audit say', async () => {
    const { browser, callbackUrl } = await flow.consent(await flow.begin('kept-there'));
    const { confirmation_code } = flow.returned((await browser.visit(callbackUrl)).location);
    const path = '/v1/tenants/acme/connections/kept-there';
    await flow.api.admin('POST', `${path}/complete`, { confirmation_code });
    const url = 'http://127.0.0.1:9/hook';
    expect((await flow.api.admin('POST', '/v1/tenants/acme/webhooks', { url })).status).toBe(201);
    flow.server.refuseRevocations(503);
    expect((await flow.api.admin('DELETE', path)).status).toBe(204);
    expect((await flow.api.admin('GET', path)).status).toBe(404);
    const code = 'temporarily_unavailable';
    const audited = (await flow.api.admin('GET', '/v1/tenants/acme/audit_events?limit=200')).json.items;
    expect(audited).toContainEqual(
      expect.objectContaining({ action: 'connection.revocation_failed', target: path, outcome: code }),
    );
    const [delivery] = await flow.installation.database.query<{ data: object }>(
      "select payload->'data' as data from gk.deliveries where connection = 'kept-there'",
    );
    expect(delivery?.data).toMatchObject({ code, remedy: expect.stringContaining('may still live') });
  });
}
