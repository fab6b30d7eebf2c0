import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { jwt, KEYS } from '../vonage-network/vonage-network.spec-support.js';
import { CLIENT_ID, GENERIC, useGeneric } from './generic.spec-support.js';

const CIBA = 'urn:openid:params:grant-type:ciba';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

describe('generic-oauth2', () => {
  const sandbox = useGeneric();

  it.each(['/.well-known/oauth-authorization-server/generic', '/generic/.well-known/openid-configuration'])(
    'describes itself at %s',
    async (path) => {
      const origin = sandbox.origin();
      expect((await sandbox.get(path)).json()).toMatchObject({
        issuer: `${origin}/generic`,
        authorization_endpoint: `${origin}/generic/authorize`,
        token_endpoint: `${origin}/generic/token`,
        backchannel_authentication_endpoint: `${origin}/generic/bc-authorize`,
        revocation_endpoint: `${origin}/generic/revoke`,
        code_challenge_methods_supported: ['S256'],
      });
    },
  );

  it('answers a code, with iss in its callback', async () => {
    const { sentTo, code, verifier } = await sandbox.authorize();
    expect(Object.fromEntries(sentTo.searchParams)).toEqual({
      code,
      state: 'a-state',
      iss: `${sandbox.origin()}/generic`,
    });
    const answer = await sandbox.exchange(code, verifier);
    expect(answer.json()).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      refresh_token: expect.any(String),
      scope: 'read write',
    });
  });

  it('takes back what a code gave when it comes again', async () => {
    const { code, verifier } = await sandbox.authorize();
    const { access_token: token } = (await sandbox.exchange(code, verifier)).json();
    expect(await sandbox.opens(token)).toBe(true);
    expect((await sandbox.exchange(code, verifier)).json().error).toBe('invalid_grant');
    expect(await sandbox.opens(token)).toBe(false);
  });

  it('holds the verifier against the challenge', async () => {
    const { code } = await sandbox.authorize();
    expect((await sandbox.exchange(code, 'x'.repeat(43))).json().error).toBe('invalid_grant');
  });

  it.each([
    ['no challenge', { code_challenge: '' }],
    ['the plain method', { code_challenge_method: 'plain' }],
    ['a challenge that is none', { code_challenge: 'short' }],
  ])('refuses an authorization request with %s', async (_case, more) => {
    const { sentTo } = await sandbox.authorize(more);
    expect(sentTo.searchParams.get('error')).toBe('invalid_request');
  });

  it('does without a challenge when a switch says so', async () => {
    await sandbox.behave(GENERIC, { pkce: 'optional', callback_iss: false });
    const { sentTo } = await sandbox.authorize({ code_challenge: '', code_challenge_method: '' });
    expect([...sentTo.searchParams.keys()]).toEqual(['code', 'state']);
  });

  it('narrows a scope on refresh, and never widens it', async () => {
    const { refresh_token: token } = await sandbox.connect();
    const narrow = await sandbox.refresh(token, { scope: 'read' });
    expect(narrow.json().scope).toBe('read');
    const wide = await sandbox.refresh(narrow.json().refresh_token, { scope: 'read admin' });
    expect(wide.json().error).toBe('invalid_scope');
  });

  it('runs CIBA', async () => {
    const headers = {
      authorization: `Basic ${Buffer.from(`${CLIENT_ID}:generic-secret`).toString('base64')}`,
    };
    const start = (login_hint: string, scope = 'openid read') =>
      sandbox.post('/generic/bc-authorize', { login_hint, scope }, headers);
    const poll = (auth_req_id: string) => sandbox.token({ grant_type: CIBA, auth_req_id });
    expect((await start('ada', 'read')).json().error).toBe('invalid_scope');
    const begun = (await start('sam')).json();
    expect(begun).toEqual({ auth_req_id: expect.any(String), expires_in: 120, interval: 5 });
    expect((await poll(begun.auth_req_id)).json().error).toBe('authorization_pending');
    await sandbox.forward(5);
    const answer = (await poll(begun.auth_req_id)).json();
    expect(answer).toMatchObject({ scope: 'openid read', refresh_token: expect.any(String) });
    expect((await sandbox.familyOf(answer.refresh_token)).refresh_tokens).toHaveLength(1);
  });

  it('revokes', async () => {
    const { refresh_token, access_token } = await sandbox.connect();
    const headers = {
      authorization: `Basic ${Buffer.from(`${CLIENT_ID}:generic-secret`).toString('base64')}`,
    };
    expect((await sandbox.post('/generic/revoke', { token: refresh_token }, headers)).status).toBe(200);
    expect(await sandbox.opens(access_token)).toBe(false);
    expect((await sandbox.post('/generic/revoke', { token: 'made-up' }, headers)).status).toBe(200);
  });

  describe('client authentication', () => {
    const grant = { grant_type: 'client_credentials', scope: 'read' };
    const basic = (id: string, secret: string) => ({
      authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
    });
    const register = (more: Record<string, string>) =>
      sandbox.control('POST', 'clients', { provider: GENERIC, client_id: 'c+1', ...more });

    it('decodes Basic, as RFC 6749 has it', async () => {
      await register({ client_secret: 'a+b/c=&%' });
      const encoded = basic('c%2B1', encodeURIComponent('a+b/c=&%'));
      expect((await sandbox.token(grant, encoded)).status).toBe(200);
      expect((await sandbox.token(grant, basic('c+1', 'a+b/c=&%'))).status).toBe(401);
      const counts = (await sandbox.get('/_control/counts?client_id=c%2B1')).json();
      expect(counts.total).toEqual({ arrived: 1, requests: 1, issued: 1 });
    });

    it('reads the body, but not both', async () => {
      await register({ client_secret: 's' });
      const inBody = { ...grant, client_id: 'c+1', client_secret: 's' };
      expect((await sandbox.token(inBody, {})).status).toBe(200);
      expect((await sandbox.token(inBody, basic('c%2B1', 's'))).json().error).toBe('invalid_request');
      expect((await sandbox.token({ ...grant, client_id: 'c+1' }, {})).status).toBe(401);
    });

    it('knows public clients, which get no token for themselves', async () => {
      await register({});
      const answer = await sandbox.token({ ...grant, client_id: 'c+1' }, {});
      expect([answer.status, answer.json().error]).toEqual([400, 'unauthorized_client']);
    });

    it('verifies private_key_jwt, once', async () => {
      await register({ public_key: KEYS.publicKey });
      const aud = `${sandbox.origin()}/generic/token`;
      const assertion = (claims = {}) =>
        jwt({ claims: { iss: 'c+1', sub: 'c+1', aud, jti: randomUUID(), ...claims } });
      const ask = (client_assertion: string) =>
        sandbox.token({ ...grant, client_assertion, client_assertion_type: ASSERTION_TYPE }, {});
      const good = assertion();
      expect((await ask(good)).status).toBe(200);
      expect((await ask(good)).status).toBe(401);
      expect((await ask(assertion({ aud: ['x', `${sandbox.origin()}/generic`] }))).status).toBe(200);
      for (const claims of [{ aud: 'https://other.example' }, { iss: 'x' }, { exp: 1 }, { jti: undefined }]) {
        expect((await ask(assertion(claims))).status).toBe(401);
      }
      const { items } = (await sandbox.get('/_control/counts?client_id=c%2B1')).json();
      expect(items[0]).toMatchObject({ arrived: 7, issued: 2 });
    });

    it('refuses a key that is none, or too much', async () => {
      for (const public_key of ['x', KEYS.privateKey])
        expect((await register({ public_key })).status).toBe(400);
    });

    it('changes what it knows of a client', async () => {
      await register({ client_secret: 's1' });
      const change = await sandbox.control('PATCH', `clients/${GENERIC}/c%2B1`, {
        client_secret: ['s2', 's3'],
      });
      expect([change.status, change.json().secrets]).toEqual([200, 2]);
      expect((await sandbox.token(grant, basic('c%2B1', 's1'))).status).toBe(401);
      expect((await sandbox.token(grant, basic('c%2B1', 's3'))).status).toBe(200);
      expect((await sandbox.control('PATCH', `clients/${GENERIC}/x`, {})).status).toBe(404);
    });
  });
});
