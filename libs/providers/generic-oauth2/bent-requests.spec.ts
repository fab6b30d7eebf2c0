import { describe, expect, it } from '@jest/globals';
import { bentRefusal, bentTokens } from './bent-answers.spec-support.js';
import { authorizationFaults, type Deviations, readTokenRequest } from './bent-requests.spec-support.js';

const basic = { authorization: 'Basic YWNtZStpZDpzJTJCZSUyRmMlM0FyJTI1dA==' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const refresh = 'grant_type=refresh_token&refresh_token=r';

/** The flows of the presets rest on this: a request that is not as the preset promises is found. */
describe('a bent server', () => {
  const faultsOf = (body: string, deviations: Deviations, headers = {}, path = '/generic/token') =>
    readTokenRequest({ path, headers: { ...form, ...headers }, body }, deviations, 'a b').faults.length;

  it('takes what is promised', () => {
    expect(faultsOf(refresh, {}, basic)).toBe(0);
    const inBody = `${refresh}&client_id=acme+id&client_secret=s%2Be%2Fc%3Ar%25t`;
    expect(faultsOf(inBody, { client_auth: 'client_secret_post' })).toBe(0);
    expect(
      faultsOf(
        'grant_type=x&scope=a%2Cb',
        { ...{ scope_separator: ',' }, grant_type_names: { client_credentials: 'x' } },
        basic,
      ),
    ).toBe(0);
  });

  it.each<[string, Deviations, object?, string?]>([
    [refresh, {}],
    [refresh, { client_auth: 'client_secret_post' }, basic],
    [refresh, { client_auth_by_grant: { refresh_token: 'none' } }, basic],
    [refresh, { client_id_in_body: true }, basic],
    [refresh, { token_parameters: { x: 'y' } }, basic],
    [refresh, { token_parameters_by_grant: { refresh_token: { x: 'y' } } }, basic],
    [refresh, { token_headers: { 'User-Agent': 'x' } }, { ...basic, 'user-agent': 'y' }],
    [refresh, { token_request_format: 'json' }, basic],
    [refresh, { refresh_endpoint: 'https://x.example/refresh' }, basic],
    [refresh, {}, basic, '/generic/refresh'],
    [refresh, { grant_type_names: { refresh_token: 'renew' } }, basic],
    [refresh, { send_scope_on_refresh: true }, basic],
    [refresh, { audience: 'x' }, basic],
    [`${refresh}&scope=a+b`, {}, basic],
    ['grant_type=client_credentials', {}, basic],
    ['grant_type=client_credentials&scope=a+b', { scope_separator: ',' }, basic],
    ['grant_type=client_credentials&scope=a+b', { send_scope: false }, basic],
    ['grant_type=authorization_code&code=c&redirect_uri=r', {}, basic],
    [
      'grant_type=authorization_code&code=c&redirect_uri=r&code_verifier=v',
      { code_challenge_method: 'none' },
      basic,
    ],
  ])('refuses %s where the preset says %j', (...[body, deviations, headers, path]) => {
    expect(faultsOf(body, deviations, headers, path)).toBeGreaterThan(0);
  });

  it.each<[Deviations, string]>([
    [{ authorization_parameters: { access_type: 'offline' } }, 'access_type'],
    [{ code_challenge_method: 'none' }, 'code_challenge'],
    [{ scope_separator: ',' }, 'scope'],
    [{ send_scope: false }, 'scope'],
    [{ audience: 'x' }, 'audience'],
  ])('finds in an authorization request that it wants %j', (deviations, name) => {
    const query = {
      ...{ response_type: 'code', client_id: 'acme id', redirect_uri: 'r', state: 's', scope: 'a b' },
      ...{ code_challenge: 'c', code_challenge_method: 'S256' },
    };
    expect(authorizationFaults(query, {}, 'a b')).toEqual([]);
    expect(authorizationFaults(query, deviations, 'a b').join()).toContain(`has ${name}`);
  });

  it('answers as the preset says', () => {
    const answer = { status: 200, body: { access_token: 't', token_type: 'Bearer', expires_in: 60 } };
    expect(bentTokens(answer, {})).toEqual(answer.body);
    expect(bentTokens(answer, { expires_in_unit: 'ms' })).toMatchObject({ expires_in: 60_000 });
    expect(bentTokens(answer, { tokens_never_expire: true, token_type_optional: true })).toEqual({
      access_token: 't',
    });
    const nested = { token_path: 'a.b', token_types: ['bot'], token_fields: { team: 'team.id' } };
    expect(bentTokens(answer, nested)).toMatchObject({
      a: { b: { access_token: 't', token_type: 'bot' } },
      team: { id: 'team of the answer' },
    });
  });

  it('refuses in the words that the preset knows', () => {
    const answer = { status: 400, body: { error: 'invalid_grant' } };
    expect(bentRefusal(answer, {})).toMatchObject(answer);
    const listed: Deviations = { error_paths: ['errors.0.type'], error_codes: { DEAD: 'invalid_grant' } };
    expect(bentRefusal(answer, listed).body).toMatchObject({ errors: [{ type: 'DEAD' }] });
    const error_rules = [{ status: 401, path: 'why', contains: 'gone', code: 'invalid_grant' }];
    expect(bentRefusal(answer, { error_rules })).toMatchObject({
      status: 401,
      body: { why: expect.stringContaining('gone') },
    });
  });
});
