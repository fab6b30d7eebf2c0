import { describe, expect, it } from '@jest/globals';
import { NET2PHONE_TOKEN_PATH, useSandbox } from '../../sandbox.spec-support.js';

const N2P = 'net2phone-canada';
const CALLBACK = 'https://www.example.com/callback/';
const ID = { client_id: '0123456789' };
const SECRET = { client_secret: '0123456789012345678901234567890' };
const DAY_SECONDS = 86_400;

describe('net2phone-canada, authorization code', () => {
  const sandbox = useSandbox();
  const codeFor = async (path = '/api/oauth/authorize/') => {
    const query = new URLSearchParams({
      response_type: 'code',
      ...ID,
      redirect_uri: CALLBACK,
      persona: 'approves',
    });
    return (await sandbox.browse(`${path}?${query}`)).sentTo.searchParams.get('code') ?? '';
  };
  const exchange = (code: string, more: Record<string, string> = {}) =>
    sandbox.post(NET2PHONE_TOKEN_PATH, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
      ...ID,
      ...SECRET,
      ...more,
    });
  const refresh = (token: string, more: Record<string, string> = {}) =>
    sandbox.post(NET2PHONE_TOKEN_PATH, { grant_type: 'refresh_token', refresh_token: token, ...ID, ...more });
  const freshToken = async (): Promise<string> => (await exchange(await codeFor())).json().refresh_token;

  it.each(['/api/oauth/authorize/', '/oauth/authorize/'])('gives a code at %s', async (path) => {
    const answer = await exchange(await codeFor(path));
    expect([answer.status, answer.json()]).toEqual([
      200,
      {
        access_token: expect.stringMatching(/^[0-9a-f]{32}$/),
        refresh_token: expect.any(String),
        scope: 'Office Manager',
        token_type: 'Bearer',
        expires_in: 3599,
        expires: expect.any(String),
      },
    ]);
    expect((await sandbox.bearer('/api/users/', answer.json().access_token)).status).toBe(200);
  });

  it('does without state', async () => {
    const query = new URLSearchParams({ response_type: 'code', ...ID, redirect_uri: CALLBACK });
    const { sentTo } = await sandbox.browse(`/oauth/authorize/?${query}&persona=approves`);
    expect([...sentTo.searchParams.keys()]).toEqual(['code']);
  });

  it('gives a code 60 seconds', async () => {
    const [inTime, late] = [await codeFor(), await codeFor()];
    await sandbox.forward(59);
    expect((await exchange(inTime)).status).toBe(200);
    await sandbox.forward(1);
    expect((await exchange(late)).json()).toEqual({ error: 'invalid_grant' });
  });

  it('takes a code once, from its client, with its redirect URI', async () => {
    const code = await codeFor();
    expect((await exchange(code)).status).toBe(200);
    expect((await exchange(code)).json()).toEqual({ error: 'invalid_grant' });
    const other = await exchange(await codeFor(), { redirect_uri: CALLBACK.slice(0, -1) });
    expect(other.json()).toEqual({ error: 'invalid_grant' });
    await sandbox.control('POST', 'clients', { provider: N2P, client_id: 'c2', client_secret: 's2' });
    const foreign = await exchange(await codeFor(), { client_id: 'c2', client_secret: 's2' });
    expect(foreign.json()).toEqual({ error: 'invalid_grant' });
    expect((await exchange(await codeFor(), { client_secret: 'x' })).status).toBe(401);
  });

  it('leaves the refresh token out when a switch says so', async () => {
    await sandbox.behave(N2P, { code_refresh_token: false });
    expect((await exchange(await codeFor())).json()).not.toHaveProperty('refresh_token');
  });

  it('refreshes without rotation, with and without the secret', async () => {
    const token = await freshToken();
    const first = await refresh(token);
    expect(first.json()).toMatchObject({ scope: 'Office Manager', expires_in: 3599 });
    expect(first.json()).not.toHaveProperty('refresh_token');
    expect((await refresh(token, SECRET)).status).toBe(200);
    expect((await refresh(token, { client_secret: 'x' })).status).toBe(401);
    const [grant] = (await sandbox.get('/_control/grants')).json().items;
    expect(grant.refresh_tokens).toEqual([
      expect.objectContaining({ presented: 2, spent: 2, state: 'live' }),
    ]);
  });

  it.each([
    ['secret', 401, 200],
    ['id_only', 200, 401],
  ])('takes only %s when a switch says so', async (refreshClientAuth, withoutIt, withIt) => {
    await sandbox.behave(N2P, { refresh_client_auth: refreshClientAuth });
    const token = await freshToken();
    expect([(await refresh(token)).status, (await refresh(token, SECRET)).status]).toEqual([
      withoutIt,
      withIt,
    ]);
  });

  it('ends a grant after 90 days, however often it was used', async () => {
    const token = await freshToken();
    await sandbox.forward(90 * DAY_SECONDS - 5);
    expect((await refresh(token)).status).toBe(200);
    await sandbox.forward(5);
    expect((await refresh(token)).json()).toEqual({ error: 'invalid_grant' });
  });

  it('refuses a role sent back as a scope', async () => {
    const answer = await refresh(await freshToken(), { scope: 'Office Manager' });
    expect(answer.json()).toEqual({ error: 'invalid_scope' });
  });
});
