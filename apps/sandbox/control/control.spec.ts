import { describe, expect, it } from '@jest/globals';
import {
  NET2PHONE_FORM,
  NET2PHONE_TOKEN_PATH,
  useSandbox,
  VCC_BASIC,
  VCC_TOKEN_PATH,
} from '../sandbox.spec-support.js';

const VCC = 'vonage-contact-center';

describe('control API', () => {
  const sandbox = useSandbox();
  const net2phone = (body = NET2PHONE_FORM) => sandbox.form(NET2PHONE_TOKEN_PATH, body);

  describe('clients', () => {
    const ask = (secret: string) =>
      net2phone(`grant_type=client_credentials&client_id=c1&client_secret=${secret}`);
    const register = (secret: string | string[]) =>
      sandbox.control('POST', 'clients', {
        provider: 'net2phone-canada',
        client_id: 'c1',
        client_secret: secret,
      });

    it('registers, replaces and forgets one', async () => {
      expect((await ask('s1')).status).toBe(401);
      expect((await register(['s1', 's2'])).status).toBe(201);
      expect([(await ask('s1')).status, (await ask('s2')).status]).toEqual([200, 200]);
      await register('s2');
      expect([(await ask('s1')).status, (await ask('s2')).status]).toEqual([401, 200]);
      expect((await sandbox.remove('/_control/clients/net2phone-canada/c1')).status).toBe(204);
      expect((await ask('s2')).status).toBe(401);
      expect((await sandbox.remove('/_control/clients/net2phone-canada/c1')).status).toBe(404);
    });

    it('lists them without their secrets', async () => {
      await register('a-very-secret-one');
      const list = await sandbox.get('/_control/clients');
      expect(list.json().items).toContainEqual({
        provider: 'net2phone-canada',
        client_id: 'c1',
        secrets: 1,
        public_keys: 0,
        redirect_uris: [],
      });
      expect(list.text).not.toContain('a-very-secret-one');
    });

    it('refuses a provider it does not simulate', async () => {
      const body = { provider: 'nobody', client_id: 'a', client_secret: 'b' };
      const answer = await sandbox.control('POST', 'clients', body);
      expect([answer.status, answer.json().issues]).toEqual([
        400,
        [{ path: 'provider', message: 'no such provider' }],
      ]);
    });
  });

  describe('behaviours', () => {
    it('changes a provider, and one client of it on top', async () => {
      await sandbox.control('PUT', 'behaviours', { provider: VCC, expires_in: 3 });
      expect((await sandbox.vccToken()).json().expires_in).toBe(3);
      expect((await net2phone()).json().expires_in).toBe(3599);
      await sandbox.control('PUT', 'behaviours', { provider: VCC, client_id: 'a1b2c3d4e5', expires_in: '9' });
      expect((await sandbox.vccToken()).json().expires_in).toBe('9');
      await sandbox.control('POST', 'rules', { expires_in: 1 });
      expect((await sandbox.vccToken()).json().expires_in).toBe(1);
      await sandbox.remove(`/_control/behaviours?provider=${VCC}&client_id=a1b2c3d4e5`);
      expect((await sandbox.vccToken()).json().expires_in).toBe(3);
      expect((await sandbox.get('/_control/behaviours')).json().items).toEqual([
        { provider: VCC, expires_in: 3 },
      ]);
    });

    it('adds latency', async () => {
      await sandbox.control('PUT', 'behaviours', { provider: VCC, latency_ms: 80 });
      const startedAtMs = performance.now();
      await sandbox.vccToken();
      expect(performance.now() - startedAtMs).toBeGreaterThan(75);
    });

    it('refuses what it does not know', async () => {
      expect((await sandbox.control('PUT', 'behaviours', { provider: VCC, latency: 1 })).status).toBe(400);
      expect((await sandbox.control('PUT', 'behaviours', { provider: 'x', latency_ms: 1 })).status).toBe(400);
      expect((await sandbox.remove(`/_control/behaviours?provider=${VCC}`)).status).toBe(404);
    });
  });

  describe('tokens', () => {
    it('tells whose a token is and until when', async () => {
      const { access_token: token } = (await net2phone()).json();
      const answer = await sandbox.get(`/_control/tokens/${token}`);
      expect([answer.status, answer.json()]).toEqual([
        200,
        {
          accepted: true,
          reason: null,
          provider: 'net2phone-canada',
          client_id: '0123456789',
          grant_type: 'client_credentials',
          scope: 'Office Manager',
          issued_at: expect.any(String),
          expires_at: expect.any(String),
        },
      ]);
      const { issued_at: issuedAt, expires_at: expiresAt } = answer.json();
      expect(Math.abs(Date.parse(expiresAt) - Date.parse(issuedAt) - 3_599_000)).toBeLessThanOrEqual(1);
    });

    it('does not know a made-up one', async () => {
      const answer = await sandbox.get('/_control/tokens/made-up');
      expect([answer.status, answer.json()]).toEqual([404, { accepted: false, reason: 'unknown' }]);
    });

    it('expires them, by the clock of the sandbox', async () => {
      const { access_token: token } = (await sandbox.vccToken()).json();
      await sandbox.control('POST', 'clock', { advance_seconds: 299 });
      expect((await sandbox.bearer('/useradmin/users', token)).status).toBe(200);
      await sandbox.control('POST', 'clock', { advance_seconds: 1 });
      expect((await sandbox.bearer('/useradmin/users', token)).status).toBe(401);
      expect((await sandbox.get(`/_control/tokens/${token}`)).json().reason).toBe('expired');
    });

    it('revokes one, or all of a client', async () => {
      const tokens: string[] = [];
      for (let n = 0; n < 3; n += 1) tokens.push((await sandbox.vccToken()).json().access_token);
      expect((await sandbox.remove(`/_control/tokens/${tokens[0]}`)).status).toBe(204);
      expect((await sandbox.bearer('/useradmin/users', tokens[0] ?? '')).status).toBe(401);
      expect((await sandbox.bearer('/useradmin/users', tokens[1] ?? '')).status).toBe(200);
      expect((await sandbox.remove(`/_control/tokens?provider=${VCC}`)).json()).toEqual({ revoked: 2 });
      const list = (await sandbox.get('/_control/tokens?client_id=a1b2c3d4e5')).json().items;
      expect(list.map(({ reason }: { reason: string }) => reason)).toEqual(['revoked', 'revoked', 'revoked']);
      expect(list.map(({ token }: { token: string }) => token)).toEqual(tokens);
    });
  });

  describe('requests and counts', () => {
    it('keeps a request as it was on the wire', async () => {
      const body = 'grant_type=client_credentials&x=%2b+%20%2F';
      await sandbox.form(`${VCC_TOKEN_PATH}?a=%41`, body, { Authorization: VCC_BASIC, 'X-Odd': 'Ä' });
      const [entry] = (await sandbox.get('/_control/requests')).json().items;
      expect(entry).toMatchObject({
        method: 'POST',
        path: VCC_TOKEN_PATH,
        query: 'a=%41',
        body,
        provider: VCC,
        client_id: 'a1b2c3d4e5',
        grant_type: 'client_credentials',
        status: 200,
        outcome: 'answered',
        rule: null,
      });
      const headers = new Map(entry.raw_headers.map(([name, value]: [string, string]) => [name, value]));
      expect(headers.get('Authorization') ?? headers.get('authorization')).toBe(VCC_BASIC);
    });

    it('finds them by provider, client and path', async () => {
      await sandbox.vccToken();
      await net2phone();
      await sandbox.get('/nowhere');
      const find = async (query: string) =>
        (await sandbox.get(`/_control/requests?${query}`)).json().items.map(({ id }: { id: number }) => id);
      expect(await find('')).toEqual([1, 2, 3]);
      expect(await find(`provider=${VCC}`)).toEqual([1]);
      expect(await find('client_id=0123456789')).toEqual([2]);
      expect(await find('path=/nowhere')).toEqual([3]);
      expect(await find('limit=2')).toEqual([2, 3]);
      expect((await sandbox.get('/_control/requests?tenant=x')).status).toBe(400);
      expect((await sandbox.get('/_control/requests?limit=0')).status).toBe(400);
    });

    it('counts token requests per provider and client, refused ones too, other requests not', async () => {
      const { access_token: token } = (await sandbox.vccToken()).json();
      await sandbox.vccToken();
      await sandbox.bearer('/useradmin/users', token);
      await net2phone(NET2PHONE_FORM.slice(0, -1));
      await sandbox.get('/nowhere');
      const twice = { arrived: 2, requests: 2, issued: 2 };
      const refused = { arrived: 1, requests: 1, issued: 0 };
      expect((await sandbox.get('/_control/counts')).json()).toEqual({
        items: [
          {
            provider: VCC,
            client_id: 'a1b2c3d4e5',
            ...twice,
            grant_types: { client_credentials: twice },
            calls: {},
          },
          {
            provider: 'net2phone-canada',
            client_id: '0123456789',
            ...refused,
            grant_types: { client_credentials: refused },
            calls: {},
          },
        ],
        total: { arrived: 3, requests: 3, issued: 2 },
      });
      const one = await sandbox.get('/_control/counts?client_id=0123456789');
      expect(one.json().total.requests).toBe(1);
    });

    it('forgets them on request, tokens staying good', async () => {
      const { access_token: token } = (await sandbox.vccToken()).json();
      expect((await sandbox.remove('/_control/requests')).status).toBe(204);
      expect((await sandbox.get('/_control/requests')).json().items).toEqual([]);
      expect((await sandbox.get('/_control/counts')).json().items).toEqual([]);
      expect((await sandbox.bearer('/useradmin/users', token)).status).toBe(200);
    });
  });

  it('resets everything', async () => {
    const { access_token: token } = (await sandbox.vccToken()).json();
    await sandbox.remove(`/_control/clients/${VCC}/a1b2c3d4e5`);
    await sandbox.control('PUT', 'behaviours', { provider: VCC, expires_in: 3 });
    await sandbox.control('POST', 'rules', { status: 500, times: null });
    await sandbox.control('POST', 'clock', { advance_seconds: 86_400 });
    await sandbox.control('POST', 'people', { id: 'ada', persona: 'never' });
    expect((await sandbox.call('/_control/reset', { method: 'POST' })).status).toBe(204);
    expect((await sandbox.get(`/_control/tokens/${token}`)).status).toBe(404);
    expect((await sandbox.get('/_control/counts')).json().items).toEqual([]);
    expect((await sandbox.get('/_control/rules')).json().items).toEqual([]);
    expect((await sandbox.vccToken()).json().expires_in).toBe(300);
    const people = (await sandbox.get('/_control/people')).json().items;
    expect(people[0]).toMatchObject({ id: 'ada', persona: 'approves', has_password: true });
    const { now } = (await sandbox.get('/_control/clock')).json();
    expect(Math.abs(Date.parse(now) - Date.now())).toBeLessThan(5000);
  });

  it('says clearly that JSON is broken, and 404 to what it does not have', async () => {
    const broken = await sandbox.call('/_control/rules', {
      method: 'POST',
      body: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect([broken.status, broken.json().message]).toEqual([400, expect.stringContaining('not valid JSON')]);
    expect((await sandbox.get('/_control/nothing')).status).toBe(404);
    expect((await sandbox.get('/_control/requests')).json().items).toEqual([]);
  });
});
