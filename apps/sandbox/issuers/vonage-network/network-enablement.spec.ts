import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Json } from '../../json.js';
import {
  NETWORK,
  NUMBER_VERIFICATION,
  REDIRECT_URI,
  SIM_SWAP,
  useNetwork,
} from './vonage-network.spec-support.js';

const APPROVES = '+447700900001';
const NOBODY = '+447700900999';
const VERIFY = '/camara/number-verification/v031/verify';

describe('vonage-network, front-end flow', () => {
  const sandbox = useNetwork();

  const body = (phone: string, more: Record<string, Json> = {}) => ({
    phone_number: phone,
    scopes: [NUMBER_VERIFICATION],
    state: randomUUID(),
    ...more,
  });
  const authUrl = async (phone: string, more?: Record<string, Json>): Promise<string> =>
    (await sandbox.enable(body(phone, more))).json().scopes[NUMBER_VERIFICATION].auth_url;
  const codeFor = async (phone: string) =>
    (await sandbox.browse(await authUrl(phone))).sentTo.searchParams.get('code') ?? '';
  const exchange = (code: string, more: Record<string, string> = {}) =>
    sandbox.token({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, ...more });

  it('hands out an auth_url of its own, with a redirect URI and a state of its own', async () => {
    const state = randomUUID();
    const answer = await sandbox.enable(body(APPROVES, { state }));
    const entry = answer.json().scopes[NUMBER_VERIFICATION];
    expect(entry.requires_carrier_network).toBe(false);
    const url = new URL(entry.auth_url);
    expect(url.origin + url.pathname).toBe(`${sandbox.origin()}/oauth2/auth`);
    expect(url.searchParams.get('redirect_uri')).toBe('https://ui.idp.vonage.com/camara/oauth/callback');
    expect(url.searchParams.get('state')).toMatch(/^v2_/);
    expect(entry.auth_url).not.toContain(state);
  });

  it('sends the phone back to the application with a code, which gives a token', async () => {
    const state = randomUUID();
    const { sentTo, status } = await sandbox.browse(await authUrl(APPROVES, { state }));
    expect([status, sentTo.origin + sentTo.pathname]).toEqual([302, REDIRECT_URI]);
    expect(sentTo.searchParams.get('state')).toBe(state);
    const answer = await exchange(sentTo.searchParams.get('code') ?? '');
    expect([answer.status, answer.json()]).toEqual([
      200,
      { access_token: expect.any(String), token_type: 'Bearer', expires_in: 3600 },
    ]);
  });

  it('echoes its own state when a switch says so', async () => {
    await sandbox.behave(NETWORK, { callback_state: 'vonage' });
    const url = await authUrl(APPROVES);
    const { sentTo } = await sandbox.browse(url);
    expect(sentTo.searchParams.get('state')).toBe(new URL(url).searchParams.get('state'));
  });

  it('takes a Number Verification token once', async () => {
    const { access_token: token } = (await exchange(await codeFor(APPROVES))).json();
    const first = await sandbox.json(VERIFY, token, { phoneNumber: APPROVES });
    expect([first.status, first.json()]).toEqual([200, { devicePhoneNumberVerified: true }]);
    const second = await sandbox.json(VERIFY, token, { phoneNumber: APPROVES });
    expect([second.status, second.json().code]).toEqual([401, 'UNAUTHENTICATED']);
    expect((await sandbox.get(`/_control/tokens/${token}`)).json()).toMatchObject({
      accepted: false,
      reason: 'used',
      user: APPROVES,
      uses: 1,
    });
  });

  it('says so when it is another phone’s number', async () => {
    const { access_token: token } = (await exchange(await codeFor(APPROVES))).json();
    const answer = await sandbox.json(VERIFY, token, { phoneNumber: NOBODY });
    expect(answer.json()).toEqual({ devicePhoneNumberVerified: false });
  });

  it('exchanges a code once, in time, and with the redirect URI of the dashboard only', async () => {
    const used = await codeFor(APPROVES);
    expect((await exchange(used)).status).toBe(200);
    expect((await exchange(used)).json().error).toBe('invalid_grant');
    const other = await exchange(await codeFor(APPROVES), { redirect_uri: `${REDIRECT_URI}/` });
    expect([other.status, other.json().error]).toEqual([400, 'invalid_grant']);
    const late = await codeFor(APPROVES);
    await sandbox.forward(301);
    expect((await exchange(late)).json()).toEqual({
      error: 'invalid_grant',
      error_description: 'The code is not good: expired',
    });
  });

  it('refuses a client in the body', async () => {
    const answer = await exchange(await codeFor(APPROVES), { client_id: 'app-1' });
    expect([answer.status, answer.json().error]).toEqual([400, 'invalid_request']);
  });

  it.each([
    ['+447700900002', 'access_denied'],
    ['+447700900003', null],
  ])('lets the persona of %s answer', async (phone, error) => {
    const { sentTo, text } = await sandbox.browse(await authUrl(phone));
    expect(sentTo.searchParams.get('error')).toBe(error);
    if (error === null) expect(text).toContain('has not answered yet');
  });

  it('shows a page for a phone without a persona, its number fixed', async () => {
    const page = await sandbox.browse(await authUrl(NOBODY));
    expect(page.text).toContain(NOBODY);
    expect(page.text).not.toContain('<select');
    const { sentTo } = await sandbox.click(page.text, 'approve', 'somebody-else');
    const { access_token: token } = (await exchange(sentTo.searchParams.get('code') ?? '')).json();
    expect((await sandbox.get(`/_control/tokens/${token}`)).json().user).toBe(NOBODY);
  });

  it('refuses an auth_url that was tampered with, or used', async () => {
    const url = await authUrl(APPROVES);
    expect((await sandbox.browse(`${url}&x=1`)).status).toBe(400);
    expect((await sandbox.browse(url.replace('ui.idp', 'evil'))).status).toBe(400);
    expect((await sandbox.browse(url)).status).toBe(302);
    expect((await sandbox.browse(url)).status).toBe(400);
  });

  it.each<[string, Record<string, Json>]>([
    ['no E.164 number', { phone_number: '07700900001' }],
    ['scope instead of scopes', { scope: [SIM_SWAP], scopes: null }],
    ['scopes that are no list', { scopes: SIM_SWAP }],
    ['no scopes', { scopes: [] }],
    ['no state', { state: '' }],
    ['a client', { client_secret: 'x' }],
  ])('answers a problem document to %s', async (_case, more) => {
    const answer = await sandbox.enable(body(APPROVES, more));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
    expect(answer.json()).toMatchObject({ title: 'Bad Request', instance: expect.any(String) });
  });

  it('wants a new state for each request', async () => {
    const once = body(APPROVES);
    expect((await sandbox.enable(once)).status).toBe(200);
    expect((await sandbox.enable(once)).json().detail).toBe('state must be unique for each request');
  });

  it('takes scope instead when a switch says so', async () => {
    await sandbox.behave(NETWORK, { scopes_field: 'scope' });
    expect((await sandbox.enable(body(APPROVES))).status).toBe(400);
    const { scopes, ...rest } = body(APPROVES);
    expect((await sandbox.enable({ ...rest, scope: scopes })).status).toBe(200);
  });

  it('puts an error of one scope into its entry', async () => {
    const answer = await sandbox.enable(body(APPROVES, { scopes: [SIM_SWAP, 'dpv:Marketing#x'] }));
    expect(answer.status).toBe(200);
    expect(answer.json().scopes).toMatchObject({
      [SIM_SWAP]: { auth_url: expect.any(String) },
      'dpv:Marketing#x': { status: 403, code: 'PERMISSION_DENIED' },
    });
    const unsupported = (await sandbox.enable(body('+447700900404'))).json().scopes[NUMBER_VERIFICATION];
    expect(unsupported).toMatchObject({ status: 404 });
    expect(unsupported.auth_url).toBeUndefined();
  });

  it.each([
    ['oauth', 'error'],
    ['problem', 'title'],
    ['camara', 'code'],
  ])('shapes such an entry as %s when a switch says so', async (dialect, member) => {
    await sandbox.behave(NETWORK, { enablement_error: dialect });
    const entry = (await sandbox.enable(body(APPROVES))).json().scopes[NUMBER_VERIFICATION];
    expect(entry).toHaveProperty(member);
  });

  it('passes on that only the carrier’s network will do', async () => {
    const entry = (await sandbox.enable(body('+447700900005'))).json().scopes[NUMBER_VERIFICATION];
    expect(entry.requires_carrier_network).toBe(true);
  });
});
