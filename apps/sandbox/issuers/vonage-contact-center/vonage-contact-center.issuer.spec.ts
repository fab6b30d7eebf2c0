import { describe, expect, it } from '@jest/globals';
import { useSandbox, VCC_BASIC, VCC_TOKEN_PATH } from '../../sandbox.spec-support.js';

const GRANT = 'grant_type=client_credentials';
const WRONG_SECRET = '{"error":"invalid_client","error_description":"The client secret was incorrect."}';
const INVALID_REQUEST = '{"error":"invalid_request"}';

describe('vonage-contact-center, legacy generation', () => {
  const sandbox = useSandbox();

  it('takes the raw Basic vector of the page and answers like its example', async () => {
    const answer = await sandbox.form(VCC_TOKEN_PATH, GRANT, { authorization: VCC_BASIC });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.text).toMatch(/^\{"access_token":"[0-9a-z]{40}","token_type":"bearer","expires_in":300\}$/);
  });

  it('takes the form-encoded vector of the page', async () => {
    const body = `${GRANT}&client_id=lmccg0ujju2&client_secret=6lBJodbA0%2BcAywhyLvhOBo4QfTFO5t6%2F2B%2FQetQgw5Y%3D`;
    expect((await sandbox.form(VCC_TOKEN_PATH, body)).status).toBe(200);
  });

  it('refuses a secret put into the form as it is, its plus read as a blank', async () => {
    const body = `${GRANT}&client_id=lmccg0ujju2&client_secret=6lBJodbA0+cAywhyLvhOBo4QfTFO5t6/2B/QetQgw5Y=`;
    const answer = await sandbox.form(VCC_TOKEN_PATH, body);
    expect([answer.status, answer.text]).toEqual([401, WRONG_SECRET]);
  });

  it.each([
    [
      'form-encoded first',
      `a1b2c3d4e5:${encodeURIComponent('9pBl+xY1MW+AbsdZk4xpv7NwWxG8+oqduKiSqVybM9Y=')}`,
    ],
    ['a wrong secret', 'a1b2c3d4e5:no'],
    ['an unknown client', 'nobody:9pBl+xY1MW+AbsdZk4xpv7NwWxG8+oqduKiSqVybM9Y='],
    ['no colon', 'a1b2c3d4e5'],
  ])('refuses Basic with %s', async (_case, pair) => {
    const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
    const answer = await sandbox.form(VCC_TOKEN_PATH, GRANT, { authorization });
    expect([answer.status, answer.text]).toEqual([401, WRONG_SECRET]);
  });

  it('refuses base64 that is none', async () => {
    const answer = await sandbox.form(VCC_TOKEN_PATH, GRANT, { authorization: 'Basic a1b2:c3' });
    expect([answer.status, answer.text]).toEqual([401, WRONG_SECRET]);
  });

  it.each([
    ['the client in both places', `${GRANT}&client_id=a1b2c3d4e5`, VCC_BASIC],
    ['no client at all', GRANT, undefined],
    ['a client without its secret', `${GRANT}&client_id=a1b2c3d4e5`, undefined],
    ['no grant type', 'scope=x', VCC_BASIC],
    ['another grant type', 'grant_type=password', VCC_BASIC],
    ['a repeated parameter', `${GRANT}&${GRANT}`, VCC_BASIC],
    ['an empty body', '', VCC_BASIC],
  ])('answers invalid_request to %s', async (_case, body, authorization) => {
    const answer = await sandbox.form(VCC_TOKEN_PATH, body, authorization ? { authorization } : {});
    expect([answer.status, answer.text]).toEqual([400, INVALID_REQUEST]);
  });

  it.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x'])(
    'does not read a body sent as %s',
    async (contentType) => {
      const headers = { authorization: VCC_BASIC, 'content-type': contentType };
      const answer = await sandbox.form(VCC_TOKEN_PATH, GRANT, headers);
      expect([answer.status, answer.text]).toEqual([400, INVALID_REQUEST]);
    },
  );

  it('has versions, which are whole numbers', async () => {
    const ask = (version: string) =>
      sandbox.form(`/${version}/oauth2/token`, GRANT, { authorization: VCC_BASIC });
    expect((await ask('v12')).status).toBe(200);
    expect((await ask('v0.1')).status).toBe(404);
    expect((await ask('vx')).status).toBe(404);
  });

  it('opens its resource to its own live tokens only', async () => {
    const { access_token: token } = (await sandbox.vccToken()).json();
    expect((await sandbox.bearer('/useradmin/users', token)).status).toBe(200);
    expect((await sandbox.bearer('/useradmin/users', `${token}x`)).status).toBe(401);
    expect((await sandbox.get('/useradmin/users')).status).toBe(401);
    expect((await sandbox.bearer('/api/users/', token)).status).toBe(401);
  });
});

describe('vonage-contact-center, current generation', () => {
  const sandbox = useSandbox();
  const ask = (body: string) => sandbox.form('/Auth/connect/token', body, { authorization: VCC_BASIC });

  it('answers for two hours, with the scope asked for', async () => {
    const answer = await ask(`${GRANT}&scope=interaction-content%3Aread`);
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({
      expires_in: 7200,
      token_type: 'Bearer',
      scope: 'interaction-content:read',
    });
  });

  it.each([
    ['no scope', GRANT, 400, '{"error":"invalid_scope"}'],
    ['an empty scope', `${GRANT}&scope=`, 400, '{"error":"invalid_scope"}'],
    ['another grant', 'grant_type=password&scope=x', 400, '{"error":"unsupported_grant_type"}'],
    ['no grant', 'scope=x', 400, INVALID_REQUEST],
  ])('refuses %s', async (_case, body, status, text) => {
    const answer = await ask(body);
    expect([answer.status, answer.text]).toEqual([status, text]);
  });

  it('speaks its other dialects when a rule asks for them', async () => {
    const match = { provider: 'vonage-contact-center' };
    await sandbox.control('POST', 'rules', { match, canned: 'internal_server_error' });
    await sandbox.control('POST', 'rules', { match, canned: 'message' });
    const first = await ask(`${GRANT}&scope=x`);
    expect([first.status, first.text]).toEqual([500, '{"error":"Internal Server Error"}']);
    const second = await ask(`${GRANT}&scope=x`);
    expect([second.status, second.text]).toEqual([403, '{"message":"Forbidden"}']);
  });
});
