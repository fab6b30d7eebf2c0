import { describe, expect, it } from '@jest/globals';
import { NET2PHONE_FORM, NET2PHONE_TOKEN_PATH, useSandbox } from '../../sandbox.spec-support.js';
import { naiveUtc } from './naive-utc.js';

describe('net2phone-canada', () => {
  const sandbox = useSandbox();

  it('answers the request of the page like its example', async () => {
    const before = Date.now();
    const answer = await sandbox.form(NET2PHONE_TOKEN_PATH, NET2PHONE_FORM);
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(
      /^\{"access_token":"[0-9a-f]{32}","scope":"Office Manager","token_type":"Bearer","expires_in":3599,"expires":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}"\}$/,
    );
    const inUtc = Date.parse(`${answer.json().expires}Z`);
    expect(Math.abs(inUtc - before - 3_599_000)).toBeLessThan(2000);
  });

  it('redirects a POST without the slash, and refuses the GET that comes of following', async () => {
    const redirect = await sandbox.form('/api/oauth/token', NET2PHONE_FORM);
    expect([redirect.status, redirect.headers.get('location')]).toEqual([301, NET2PHONE_TOKEN_PATH]);
    expect(redirect.text).toBe('');
    const followed = await fetch(`${sandbox.origin()}/api/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams(NET2PHONE_FORM),
    });
    expect(followed.status).toBe(405);
    expect((await sandbox.get('/_control/counts')).json().total.requests).toBe(0);
  });

  it('does not look at HTTP Basic', async () => {
    const authorization = `Basic ${Buffer.from('0123456789:0123456789012345678901234567890').toString('base64')}`;
    const answer = await sandbox.form(NET2PHONE_TOKEN_PATH, 'grant_type=client_credentials', {
      authorization,
    });
    expect([answer.status, answer.text]).toEqual([401, '{"error":"invalid_client"}']);
  });

  it.each([
    ['a wrong secret', NET2PHONE_FORM.slice(0, -1), 401, 'invalid_client'],
    ['an unknown client', NET2PHONE_FORM.replace('client_id=0', 'client_id=9'), 401, 'invalid_client'],
    [
      'another grant',
      NET2PHONE_FORM.replace('client_credentials', 'password'),
      400,
      'unsupported_grant_type',
    ],
    ['no grant', NET2PHONE_FORM.replace('grant_type', 'grant'), 400, 'invalid_request'],
    ['a repeated parameter', `${NET2PHONE_FORM}&client_id=0123456789`, 400, 'invalid_request'],
  ])('refuses %s', async (_case, body, status, error) => {
    const answer = await sandbox.form(NET2PHONE_TOKEN_PATH, body);
    expect([answer.status, answer.json()]).toEqual([status, { error }]);
  });

  it('opens its resource to a live token', async () => {
    const { access_token: token } = (await sandbox.form(NET2PHONE_TOKEN_PATH, NET2PHONE_FORM)).json();
    expect((await sandbox.bearer('/api/users/', token)).status).toBe(200);
    expect((await sandbox.bearer('/useradmin/users', token)).status).toBe(401);
  });
});

describe('naiveUtc', () => {
  it('writes six digits and no zone', () => {
    expect(naiveUtc(Date.UTC(2016, 10, 11, 16, 5, 10, 301) + 0.803)).toBe('2016-11-11T16:05:10.301803');
    expect(naiveUtc(Date.UTC(2016, 10, 11, 16, 5, 10, 0))).toBe('2016-11-11T16:05:10.000000');
  });
});
