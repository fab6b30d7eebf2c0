import { describe, expect, it } from '@jest/globals';
import type { Json } from '../json.js';
import { NET2PHONE_FORM, NET2PHONE_TOKEN_PATH, useSandbox } from '../sandbox.spec-support.js';

describe('rules: which requests', () => {
  const sandbox = useSandbox();
  const rule = async (body: Json) => (await sandbox.control('POST', 'rules', body)).json();
  const net2phone = () => sandbox.form(NET2PHONE_TOKEN_PATH, NET2PHONE_FORM);

  it('applies once by default, then stays listed as spent', async () => {
    const { id } = await rule({ status: 503 });
    expect((await sandbox.vccToken()).status).toBe(503);
    expect((await sandbox.vccToken()).status).toBe(200);
    expect((await sandbox.get(`/_control/rules/${id}`)).json()).toMatchObject({ remaining: 0, applied: 1 });
  });

  it('applies to the next N, or until it is deleted', async () => {
    await rule({ status: 500, times: 2 });
    const { id } = await rule({ status: 502, times: null });
    const statuses = [];
    for (let n = 0; n < 5; n += 1) statuses.push((await sandbox.vccToken()).status);
    expect(statuses).toEqual([500, 500, 502, 502, 502]);
    expect((await sandbox.remove(`/_control/rules/${id}`)).status).toBe(204);
    expect((await sandbox.vccToken()).status).toBe(200);
    expect((await sandbox.remove(`/_control/rules/${id}`)).status).toBe(404);
  });

  it('never applies more often than told, however many requests come at once', async () => {
    await rule({ status: 503, times: 3 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => sandbox.vccToken()));
    expect(answers.filter(({ status }) => status === 503)).toHaveLength(3);
  });

  it.each([
    ['provider', { provider: 'net2phone-canada' }],
    ['client_id', { client_id: '0123456789' }],
    ['path', { path: NET2PHONE_TOKEN_PATH }],
    ['path prefix', { path: '/api/oauth/*' }],
    [
      'all of them',
      { provider: 'net2phone-canada', client_id: '0123456789', grant_type: 'client_credentials' },
    ],
  ])('matches by %s', async (_what, match) => {
    await rule({ match, status: 418 });
    expect((await sandbox.vccToken()).status).toBe(200);
    expect((await net2phone()).status).toBe(418);
  });

  it('matches by grant type', async () => {
    await rule({ match: { grant_type: 'refresh_token' }, status: 418 });
    expect((await net2phone()).status).toBe(200);
    const refresh = NET2PHONE_FORM.replace('client_credentials', 'refresh_token');
    expect((await sandbox.form(NET2PHONE_TOKEN_PATH, refresh)).status).toBe(418);
  });

  it('leaves resources alone unless it names their path', async () => {
    const { access_token: token } = (await sandbox.vccToken()).json();
    await rule({ status: 418 });
    expect((await sandbox.bearer('/useradmin/users', token)).status).toBe(200);
    await rule({ match: { path: '/useradmin/users' }, status: 403 });
    expect((await sandbox.bearer('/useradmin/users', token)).status).toBe(403);
  });

  it('can answer on a path that no provider has', async () => {
    await rule({ match: { path: '/elsewhere/token' }, body: { access_token: 'x' } });
    expect((await sandbox.form('/elsewhere/token', 'a=b')).json()).toEqual({ access_token: 'x' });
    expect((await sandbox.form('/elsewhere/token', 'a=b')).status).toBe(404);
  });

  it('lists and deletes all', async () => {
    await rule({ status: 500 });
    await rule({ status: 501 });
    expect((await sandbox.get('/_control/rules')).json().items).toHaveLength(2);
    expect((await sandbox.remove('/_control/rules')).status).toBe(204);
    expect((await sandbox.vccToken()).status).toBe(200);
  });

  it.each<[string, Json, string]>([
    ['an unknown member', { statsu: 500 }, ''],
    ['an unknown match', { match: { tenant: 'x' } }, 'match'],
    ['a status that is none', { status: 99 }, 'status'],
    ['an unknown drop', { drop: 'sometimes' }, 'drop'],
    ['zero times', { times: 0 }, 'times'],
    ['a framing header', { headers: { 'Content-Length': '1' } }, 'headers.Content-Length'],
    ['a header with a line break', { headers: { location: 'a\r\nb: c' } }, 'headers.location'],
    ['an unknown provider', { match: { provider: 'nobody' } }, 'match.provider'],
    ['a canned reply without its provider', { canned: 'message' }, 'match.provider'],
    ['an unknown canned reply', { match: { provider: 'net2phone-canada' }, canned: 'x' }, 'canned'],
    ['a patch over nothing', { status: 500, patch: { a: 1 } }, 'patch'],
    ['no object', [], ''],
  ])('refuses %s, and says where', async (_case, body, path) => {
    const answer = await sandbox.control('POST', 'rules', body);
    expect(answer.status).toBe(400);
    expect(answer.json().error).toBe('invalid_request');
    expect(answer.json().issues.map((issue: { path: string }) => issue.path)).toContain(path);
  });
});
