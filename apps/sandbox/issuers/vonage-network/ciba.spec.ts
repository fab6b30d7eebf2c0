import { describe, expect, it } from '@jest/globals';
import { Stopwatch } from '#testing';
import { CIBA, jwt, KEYS, NETWORK, SIM_SWAP, useNetwork } from './vonage-network.spec-support.js';

const [APPROVES, DENIES, NEVER, SLOW] = [1, 2, 3, 4].map((n) => `+44770090000${n}`) as [
  string,
  string,
  string,
  string,
];

describe('vonage-network, CIBA', () => {
  const sandbox = useNetwork();
  const begin = async (phone: string): Promise<string> => (await sandbox.start(phone)).json().auth_req_id;
  const outcome = async (authReqId: string) => {
    const { status, json } = await sandbox.poll(authReqId);
    return status === 200 ? 'token' : json().error;
  };
  const recorded = async (authReqId: string) =>
    (await sandbox.get(`/_control/backchannel/${authReqId}`)).json();

  it('gives a token for the number it was asked for, and no other', async () => {
    const { access_token: token, ...rest } = (await sandbox.poll(await begin(APPROVES))).json();
    expect(rest).toEqual({ token_type: 'Bearer', expires_in: 3600 });
    const check = (phoneNumber: string) =>
      sandbox.json('/camara/sim-swap/v040/check', token, { phoneNumber });
    expect([(await check(APPROVES)).status, (await check(APPROVES)).status]).toEqual([200, 200]);
    const other = await check(DENIES);
    expect([other.status, other.json().code]).toEqual([403, 'PERMISSION_DENIED']);
    const verify = await sandbox.json('/camara/number-verification/v031/verify', token, {
      phoneNumber: APPROVES,
    });
    expect(verify.status).toBe(403);
  });

  it('lets the personas answer', async () => {
    expect(await outcome(await begin(DENIES))).toBe('access_denied');
    const slow = await begin(SLOW);
    const never = await begin(NEVER);
    expect([await outcome(slow), await outcome(never)]).toEqual(Array(2).fill('authorization_pending'));
    await sandbox.forward(5);
    expect([await outcome(slow), await outcome(never)]).toEqual(['token', 'authorization_pending']);
    await sandbox.forward(120);
    expect(await outcome(never)).toBe('expired_token');
    expect(await outcome(await begin('+15551234567'))).toBe('token');
  });

  it('redeems an auth_req_id once, and for its own application only', async () => {
    const mine = await begin(APPROVES);
    await sandbox.control('POST', 'clients', {
      provider: NETWORK,
      client_id: 'app-2',
      public_key: KEYS.publicKey,
    });
    const stranger = jwt({ claims: { application_id: 'app-2' } });
    const stolen = await sandbox.token({ grant_type: CIBA, auth_req_id: mine }, stranger);
    expect(stolen.json().error).toBe('invalid_grant');
    expect([await outcome(mine), await outcome('made-up')]).toEqual(['token', 'invalid_grant']);
    await sandbox.forward(10);
    expect(await outcome(mine)).toBe('invalid_grant');
  });

  it('records every poll, slows down who comes early, and keeps it at that', async () => {
    using watch = new Stopwatch();
    await sandbox.behave(NETWORK, { ciba_interval: 2 });
    const id = await begin(NEVER);
    expect(await outcome(id)).toBe('authorization_pending');
    expect(await outcome(id)).toBe('slow_down');
    await sandbox.forward(3);
    expect(await outcome(id)).toBe('slow_down');
    await sandbox.forward(12);
    expect(await outcome(id)).toBe('authorization_pending');
    const { polls, ...rest } = await recorded(id);
    expect(rest).toMatchObject({ user: NEVER, interval: 12, early_polls: 2, state: 'open' });
    expect(polls.map(({ early }: { early: boolean }) => early)).toEqual([false, true, true, false]);
    expect(polls[0].since_previous_ms).toBe(null);
    expect(polls[2].since_previous_ms).toBeGreaterThanOrEqual(3000);
    expect(polls[2].since_previous_ms).toBeLessThan(4000 + watch.pausedMs());
  });

  it('means five seconds when it names no interval, and none when that is 0', async () => {
    await sandbox.behave(NETWORK, { ciba_interval: null });
    const absent = await sandbox.start(NEVER);
    expect(absent.json()).not.toHaveProperty('interval');
    const id = absent.json().auth_req_id;
    await outcome(id);
    await sandbox.forward(4);
    expect(await outcome(id)).toBe('slow_down');
    await sandbox.behave(NETWORK, { ciba_interval: 0 });
    const zero = await sandbox.start(NEVER);
    expect(zero.json().interval).toBe(0);
    await outcome(zero.json().auth_req_id);
    expect(await outcome(zero.json().auth_req_id)).toBe('authorization_pending');
  });

  it('writes numbers as strings when a switch says so', async () => {
    await sandbox.behave(NETWORK, { ciba_numbers: 'string', ciba_expires_in: 300 });
    expect((await sandbox.start(APPROVES)).json()).toMatchObject({ expires_in: '300', interval: '2' });
  });

  it.each(['client_secret=x', 'scope=a&scope=b'])('counts an auth_req_id as dead after %s', async (more) => {
    const id = await begin(APPROVES);
    const body = `grant_type=${encodeURIComponent(CIBA)}&auth_req_id=${id}&${more}`;
    const bad = await sandbox.form('/oauth2/token', body, { authorization: `Bearer ${jwt()}` });
    expect([bad.status, bad.json().error]).toEqual([400, 'invalid_request']);
    expect(await outcome(id)).toBe('invalid_grant');
  });

  it('can be answered in the user’s place', async () => {
    const decide = (id: string, decision: string) =>
      sandbox.control('POST', `backchannel/${id}`, { decision });
    const ids = await Promise.all([begin(NEVER), begin(NEVER), begin(NEVER)]);
    await decide(ids[0], 'approve');
    await decide(ids[1], 'deny');
    await decide(ids[2], 'expire');
    expect(await Promise.all(ids.map(outcome))).toEqual(['token', 'access_denied', 'expired_token']);
    expect((await decide(ids[0], 'shrug')).status).toBe(400);
    expect((await decide('made-up', 'deny')).status).toBe(404);
    expect((await sandbox.get(`/_control/backchannel?user=%2B447700900003`)).json().items).toHaveLength(3);
  });

  it.each([
    ['no tel:', { login_hint: APPROVES, scope: `openid ${SIM_SWAP}` }, 400, 'invalid_request'],
    ['no plus', { login_hint: 'tel:447700900001', scope: `openid ${SIM_SWAP}` }, 400, 'invalid_request'],
    ['no openid', { login_hint: `tel:${APPROVES}`, scope: SIM_SWAP }, 400, 'invalid_scope'],
    ['only openid', { login_hint: `tel:${APPROVES}`, scope: 'openid' }, 400, 'invalid_scope'],
  ])('refuses %s', async (_case, parameters, status, error) => {
    const authorization = `Bearer ${jwt()}`;
    const answer = await sandbox.post('/oauth2/bc-authorize', parameters, { authorization });
    expect([answer.status, answer.json().error]).toEqual([status, error]);
  });

  it('speaks CAMARA about permissions and networks', async () => {
    const denied = await sandbox.start(APPROVES, 'openid dpv:Marketing#check-sim-swap');
    expect([denied.status, denied.json()]).toEqual([
      403,
      { status: 403, code: 'PERMISSION_DENIED', message: expect.any(String) },
    ]);
    const unsupported = await sandbox.start('+447700900404');
    expect([unsupported.status, unsupported.json().status]).toEqual([404, 404]);
  });

  it('takes a number without tel: when a switch says so', async () => {
    await sandbox.behave(NETWORK, { login_hint_prefix: '' });
    expect((await sandbox.start(APPROVES)).status).toBe(400);
  });

  it('takes the purpose as a scope of its own, and the hints of CAMARA', async () => {
    const begun = async (scope: string, login_hint = `tel:${APPROVES}`) => {
      const authorization = `Bearer ${jwt()}`;
      return sandbox.post('/oauth2/bc-authorize', { login_hint, scope }, { authorization });
    };
    for (const scope of [
      'openid dpv:NotApplicable sim-swap:check',
      'openid check-sim-swap dpv:NotApplicable',
    ]) {
      const { access_token: token } = (await sandbox.poll((await begun(scope)).json().auth_req_id)).json();
      const body = { phoneNumber: APPROVES };
      expect((await sandbox.json('/camara/sim-swap/v040/check', token, body)).status).toBe(200);
    }
    for (const hint of ['ipport:203.0.113.7:50000', 'operatortoken:abc']) {
      expect((await begun('openid dpv:NotApplicable check-sim-swap', hint)).status).toBe(200);
    }
    expect((await begun('openid dpv:Marketing sim-swap:check')).status).toBe(403);
    expect((await begun('openid dpv:NotApplicable dpv:NotApplicable sim-swap:check')).status).toBe(400);
  });

  it('lets a persona be made', async () => {
    const phone = '+33123456789';
    await sandbox.control('POST', 'people', { id: phone, persona: 'slow', after_seconds: 60 });
    const id = await begin(phone);
    expect(await outcome(id)).toBe('authorization_pending');
    await sandbox.forward(60);
    expect(await outcome(id)).toBe('token');
    expect((await sandbox.remove(`/_control/people/${encodeURIComponent(phone)}`)).status).toBe(204);
    expect(await outcome(await begin(phone))).toBe('token');
  });

  it('is counted by grant type', async () => {
    await outcome(await begin(DENIES));
    await outcome(await begin(APPROVES));
    const [count] = (await sandbox.get('/_control/counts?client_id=app-1')).json().items;
    expect(count).toMatchObject({
      grant_types: { [CIBA]: { arrived: 2, requests: 2, issued: 1 } },
      calls: { 'POST /oauth2/bc-authorize': 2 },
    });
  });
});
