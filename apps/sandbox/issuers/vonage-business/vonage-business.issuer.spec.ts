import { describe, expect, it } from '@jest/globals';
import { useSandbox } from '../../sandbox.spec-support.js';

const VBC = 'vonage-business';
const ID = 'vbc-consumer-key';
const SECRET = 'vbc-consumer-secret';
const CALLBACK = 'http://127.0.0.1:3000/v1/callback/a/b';
const IN_BODY = { client_id: ID, client_secret: SECRET };
const BASIC = { authorization: `Basic ${Buffer.from(`${ID}:${SECRET}`).toString('base64')}` };
const SELF = '/t/vbc.prod/account/v1/api/accounts/self';

describe('vonage-business', () => {
  const sandbox = useSandbox();
  const password = (more: Record<string, string> = {}, headers = {}) =>
    sandbox.post(
      '/token',
      {
        grant_type: 'password',
        scope: 'openid',
        username: 'ada@vbc.prod',
        password: 'sandbox-password',
        ...IN_BODY,
        ...more,
      },
      headers,
    );
  const refresh = (token: string, more: Record<string, string> = {}) =>
    sandbox.post('/token', { grant_type: 'refresh_token', refresh_token: token, ...IN_BODY, ...more });
  const codeFor = async (user: string) => {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: ID,
      redirect_uri: CALLBACK,
      scope: 'openid',
      login_hint: user,
    });
    return (await sandbox.browse(`/authorize?${query}`)).sentTo.searchParams.get('code') ?? '';
  };
  const exchange = (
    code: string,
    more: Record<string, string> = {},
    headers: Record<string, string> = BASIC,
  ) =>
    sandbox.post(
      '/token',
      { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, ...more },
      headers,
    );
  const opens = async (token: string) => (await sandbox.bearer(SELF, token)).status === 200;

  it('answers a password like the page, with an id_token that is none', async () => {
    const answer = await password();
    expect([answer.status, answer.json()]).toEqual([
      200,
      {
        access_token: expect.any(String),
        refresh_token: expect.any(String),
        scope: 'openid',
        id_token: expect.stringMatching(/\.\.garbage$/),
        token_type: 'Bearer',
        expires_in: 86_400,
      },
    ]);
    expect(await opens(answer.json().access_token)).toBe(true);
  });

  it('answers a code like the page: Basic, no id_token, scope default', async () => {
    const body = (await exchange(await codeFor('ada'))).json();
    expect(body).toMatchObject({ scope: 'default', expires_in: 86_400 });
    expect(body).not.toHaveProperty('id_token');
  });

  it.each([
    ['no suffix', { username: 'ada' }],
    ['the suffix twice', { username: 'ada@vbc.prod@vbc.prod' }],
    ['a wrong password', { password: 'x' }],
    ['a user nobody knows', { username: 'eve@vbc.prod' }],
  ])('refuses %s', async (_case, more) => {
    const answer = await password(more);
    expect([answer.status, answer.json().error]).toEqual([400, 'invalid_grant']);
  });

  it('takes the suffix behind an e-mail address', async () => {
    expect((await password({ username: 'ada@example.com@vbc.prod' })).status).toBe(200);
  });

  it('wants the client in one place, and for each grant in its own', async () => {
    expect((await password({}, BASIC)).json().error).toBe('invalid_request');
    const code = await codeFor('ada');
    expect((await exchange(code, IN_BODY)).json().error).toBe('invalid_request');
    expect((await exchange(code, IN_BODY, {})).status).toBe(401);
    expect((await exchange(code)).status).toBe(200);
    const parameters = { grant_type: 'refresh_token', refresh_token: 'x' };
    expect((await sandbox.post('/token', parameters, BASIC)).status).toBe(401);
  });

  it('echoes an unknown client id', async () => {
    const answer = await password({ client_id: 'who-is-this' });
    expect([answer.status, answer.json().error]).toEqual([401, 'invalid_client']);
    expect(answer.json().error_description).toContain('who-is-this');
    expect((await password({ client_secret: 'x' })).status).toBe(401);
  });

  it.each([
    ['a code used before', {}, true],
    ['another redirect URI', { redirect_uri: `${CALLBACK}/` }, false],
  ])('refuses %s', async (_case, more, twice) => {
    const code = await codeFor('ada');
    if (twice) await exchange(code);
    expect((await exchange(code, more)).json().error).toBe('invalid_grant');
  });

  describe('one live token per client, user and scope', () => {
    it('answers the same again, with what is left of it', async () => {
      const first = (await password()).json();
      await sandbox.forward(3834);
      const second = (await password()).json();
      expect([second.access_token, second.refresh_token]).toEqual([first.access_token, first.refresh_token]);
      expect(second.expires_in).toBeLessThanOrEqual(82_566);
      expect(second.expires_in).toBeGreaterThan(82_560);
      const other = (await password({ username: 'ada@example.com@vbc.prod' })).json();
      expect(other.access_token).not.toBe(first.access_token);
    });

    it('answers a new one once that is over', async () => {
      const first = (await password()).json();
      await sandbox.forward(86_400);
      const second = (await password()).json();
      expect(second.access_token).not.toBe(first.access_token);
      expect((await refresh(first.refresh_token)).json().error).toBe('invalid_grant');
    });

    it('kills the former one when a switch says so', async () => {
      await sandbox.behave(VBC, { asking_again: 'replace' });
      const first = (await password()).json();
      const second = (await password()).json();
      expect([await opens(first.access_token), await opens(second.access_token)]).toEqual([false, true]);
      expect((await refresh(first.refresh_token)).status).toBe(400);
      expect((await refresh(second.refresh_token)).status).toBe(200);
    });
  });

  describe('refresh', () => {
    it('kills the former access token and names it in a header', async () => {
      const first = (await password()).json();
      const answer = await refresh(first.refresh_token);
      expect(answer.headers.get('deactivatedaccesstoken')).toBe(first.access_token);
      expect([await opens(first.access_token), await opens(answer.json().access_token)]).toEqual([
        false,
        true,
      ]);
      const reused = await refresh(first.refresh_token);
      expect(reused.json()).toEqual({
        error_description: 'Persisted access token data not found',
        error: 'invalid_grant',
      });
      expect((await refresh(answer.json().refresh_token)).status).toBe(200);
    });

    it.each([
      ['same', 'the old one'],
      ['omit', 'none'],
    ])('with %s shows %s, which stays good', async (mode) => {
      await sandbox.behave(VBC, { refresh_token: mode });
      const { refresh_token: token } = (await password()).json();
      expect((await refresh(token)).json().refresh_token).toBe(mode === 'same' ? token : undefined);
      expect((await refresh(token)).status).toBe(200);
      const [grant] = (await sandbox.get(`/_control/grants?refresh_token=${token}`)).json().items;
      expect(grant.refresh_tokens).toEqual([expect.objectContaining({ state: 'live', spent: 2 })]);
    });

    it('ends after a week without use, counted from the last', async () => {
      await sandbox.behave(VBC, { refresh_token: 'same' });
      const { refresh_token: token } = (await password()).json();
      await sandbox.forward(6 * 86_400);
      expect((await refresh(token)).status).toBe(200);
      await sandbox.forward(6 * 86_400);
      expect((await refresh(token)).status).toBe(200);
      await sandbox.forward(7 * 86_400);
      expect((await refresh(token)).json().error_description).toBe('Refresh token is expired.');
    });

    it('answers 500 to one that came before the answer to the first, however late it is looked at', async () => {
      const { refresh_token: token } = (await password()).json();
      await sandbox.control('PUT', 'behaviours', { provider: VBC, latency_ms: 200 });
      await sandbox.control('POST', 'rules', { delay_ms: 80 });
      const answers = await Promise.all([refresh(token), refresh(token)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 500]);
    });

    it.each([0, 30])('answers 500 to all but the first that overlap, %i ms long', async (delayMs) => {
      const { refresh_token: token } = (await password()).json();
      await sandbox.control('PUT', 'behaviours', { provider: VBC, latency_ms: delayMs });
      await sandbox.control('POST', 'rules', { respond_delay_ms: 150, delay_ms: delayMs });
      const answers = await Promise.all([refresh(token), refresh(token), refresh(token)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 500, 500]);
      const late = await refresh(token);
      expect(late.json().error).toBe('invalid_grant');
    });
  });

  it('lets nobody refresh for another client', async () => {
    await sandbox.control('POST', 'clients', { provider: VBC, client_id: 'c2', client_secret: 's2' });
    const { refresh_token: token } = (await password()).json();
    const stolen = await refresh(token, { client_id: 'c2', client_secret: 's2' });
    expect(stolen.json().error).toBe('invalid_grant');
    expect((await refresh(token)).status).toBe(200);
  });

  it('can write an expiry that never comes', async () => {
    await sandbox.control('PUT', 'behaviours', { provider: VBC, expires_in: 2 ** 63 });
    const answer = await password();
    expect(answer.json().expires_in).toBeGreaterThan(9e18);
    expect(await opens(answer.json().access_token)).toBe(true);
  });

  it('refuses a grant the application is not subscribed to', async () => {
    await sandbox.behave(VBC, { refused_grant_types: ['password'] });
    expect((await password()).json().error).toBe('unauthorized_client');
    expect((await sandbox.post('/token', { ...IN_BODY, grant_type: 'x' })).json().error).toBe(
      'unsupported_grant_type',
    );
  });

  it('revokes', async () => {
    const first = (await password()).json();
    const revoke = (token: string) => sandbox.post('/revoke', { token }, BASIC);
    expect((await revoke(first.refresh_token)).status).toBe(200);
    expect(await opens(first.access_token)).toBe(false);
    expect((await refresh(first.refresh_token)).status).toBe(400);
    const second = (await password()).json();
    await revoke(second.access_token);
    expect(await opens(second.access_token)).toBe(false);
    expect((await revoke('made-up')).status).toBe(200);
    expect((await sandbox.post('/revoke', { token: 'x' })).status).toBe(401);
  });
});
