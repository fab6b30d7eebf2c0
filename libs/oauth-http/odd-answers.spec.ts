import { describe, expect, it } from '@jest/globals';
import type { FailureCode, TokenGrant, TokenOutcome } from '#provider-kit';
import { readTokenEndpointResponse } from './token-response.reader.js';
import type { ProviderDialect } from './token-response-profile.js';

const client = {
  clientId: 'client-1',
  settings: {},
  secret: { kind: 'client_secret', value: 'S3' },
} as const;

/** With nothing known of the server, as `generic-oauth2` reads without settings. */
function read(
  status: number,
  body: unknown,
  dialect: Partial<ProviderDialect> = {},
  grant: TokenGrant['type'] = 'refresh_token',
): TokenOutcome {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return readTokenEndpointResponse(
    { status, contentType: 'application/json', body: text },
    { assumedLifetimeSeconds: null, ...dialect, context: { grant, client } },
  );
}

const unread = (member: string | undefined, refreshToken?: string | null) => ({
  kind: 'unreadable',
  failure: {
    code: 'malformed_response',
    class: 'unknown',
    status: 200,
    ...(member === undefined ? {} : { member }),
  },
  ...(refreshToken === undefined ? {} : { refreshToken }),
});

describe('an answer with success that cannot be read', () => {
  const tokens = { access_token: 'at2', token_type: 'Bearer', expires_in: 60, refresh_token: 'rt2' };
  it.each<[string, unknown, string | undefined, string | null | undefined]>([
    ['no lifetime (b05)', { ...tokens, expires_in: undefined }, 'expires_in', 'rt2'],
    ['a lifetime of nothing', { ...tokens, expires_in: 0 }, 'expires_in', 'rt2'],
    ['a lifetime in words', { ...tokens, expires_in: 'never' }, 'expires_in', 'rt2'],
    ['a type of its own (a08)', { ...tokens, ok: true, token_type: 'bot' }, 'token_type', 'rt2'],
    ['no type', { ...tokens, token_type: undefined }, 'token_type', 'rt2'],
    ['a type that needs a proof', { ...tokens, token_type: 'DPoP' }, 'token_type', 'rt2'],
    ['no access token', { ...tokens, access_token: null }, 'access_token', 'rt2'],
    ['an access token with a blank', { ...tokens, access_token: 'a b' }, 'access_token', 'rt2'],
    ['tokens one level down (a09)', { ok: true, authed_user: tokens }, 'access_token', 'rt2'],
    ['tokens in a list', { data: tokens, message: 'done' }, 'access_token', 'rt2'],
    ['a list', [tokens], undefined, 'rt2'],
    ['a refresh token that cannot be sent', { ...tokens, refresh_token: 'a\nb' }, 'refresh_token', null],
    ['nothing of a token', { hello: 'world' }, 'access_token', undefined],
    [
      'form-encoded, no lifetime',
      'access_token=at2&token_type=bearer&refresh_token=rt2',
      'expires_in',
      'rt2',
    ],
    ['HTML', '<html>refresh_token=rt2</html>', undefined, undefined],
    ['nothing', '', undefined, undefined],
  ])('%s: the member, and the refresh token in it', (_name, body, member, refreshToken) => {
    expect(read(200, body)).toEqual(unread(member, refreshToken));
  });

  it('is looked through where the settings say first, then at the top, then below', () => {
    const body = { refresh_token: 'top', authed_user: { refresh_token: 'user' }, x: { refresh_token: 'x' } };
    expect(read(200, body, { tokenPath: 'authed_user' })).toEqual(unread('authed_user.access_token', 'user'));
    expect(read(200, body)).toEqual(unread('access_token', 'top'));
    expect(read(200, { ...body, refresh_token: '' }, { tokenPath: 'gone' })).toEqual(unread('gone', 'user'));
  });

  it('is none any more once the settings tell', () => {
    const kept = { kind: 'tokens', tokens: { accessToken: 'at2', refreshToken: 'rt2' } };
    expect(read(200, { ...tokens, expires_in: undefined }, { assumedLifetimeSeconds: 9 })).toMatchObject(
      kept,
    );
    expect(read(200, { ...tokens, token_type: 'bot' }, { tokenTypes: ['bot'] })).toMatchObject(kept);
    expect(read(200, { ok: true, authed_user: tokens }, { tokenPath: 'authed_user' })).toMatchObject(kept);
  });
});

describe('a refusal', () => {
  const cases: [string, number, unknown, FailureCode, Partial<ProviderDialect>?][] = [
    ['c03: a limit called access_denied', 400, { error: 'access_denied' }, 'provider_refused'],
    ['access_denied in capitals', 400, { error: 'ACCESS_DENIED' }, 'provider_refused'],
    ['access_denied in a 200', 200, { error: 'access_denied' }, 'provider_refused'],
    ['c07, unmapped', 400, { status: 'BAD_REFRESH_TOKEN', message: 'no' }, 'provider_refused'],
    [
      'c07, mapped',
      400,
      { status: 'BAD_REFRESH_TOKEN', message: 'missing or invalid refresh token' },
      'invalid_grant',
      { errorCodes: { BAD_REFRESH_TOKEN: 'invalid_grant' } },
    ],
    [
      'a number, mapped',
      400,
      { errcode: 40030, errmsg: 'no' },
      'invalid_grant',
      { errorCodes: { 40030: 'invalid_grant' } },
    ],
    [
      'a number in an object, mapped',
      400,
      { error: { code: 190, message: 'Session has expired' } },
      'invalid_grant',
      { errorCodes: { 190: 'invalid_grant' } },
    ],
    ['c09', 400, { errors: [{ errorType: 'invalid_grant', message: 'x' }], success: false }, 'invalid_grant'],
    ['c09 by another name', 401, { errors: [{ code: 'invalid_grant', detail: 'x' }] }, 'invalid_grant'],
    ['c09 as plain words', 400, { errors: ['invalid_grant'] }, 'invalid_grant'],
    ['c09 in a 200', 200, { success: false, errors: [{ errorType: 'invalid_grant' }] }, 'invalid_grant'],
    ['c11', 400, { error: 'interaction_required' }, 'interaction_required'],
    ['c11: consent', 400, { error: 'consent_required' }, 'consent_required'],
    ['c11: login', 401, { error: 'login_required' }, 'login_required'],
    ['c11: account', 200, { error: 'account_selection_required' }, 'account_selection_required'],
    ['c05', 200, { error: 'invalid_code' }, 'provider_refused'],
    ['a13', 200, { ok: false, error: 'invalid_refresh_token' }, 'provider_refused'],
    ['a flag alone', 200, { ok: false }, 'provider_refused'],
    ['a flag beside a token', 200, { success: false, access_token: 'a', message: 'no' }, 'provider_refused'],
    ['a known word in capitals', 400, { error: 'INVALID_GRANT' }, 'invalid_grant'],
    ['a known word with a blank', 400, { error: 'Invalid Client' }, 'invalid_client'],
    ['form-encoded in a 200', 200, 'error=bad_verification_code&error_description=x', 'provider_refused'],
    ['form-encoded in a 400', 400, 'error=invalid_grant', 'invalid_grant'],
    ['a page in a 404', 404, '<!DOCTYPE html><title>Not found</title>', 'endpoint_not_found'],
    ['a page in a 403', 403, '<html><title>Request blocked</title></html>', 'unexpected_page'],
    ['a page in a 400', 400, ' <html>', 'unexpected_page'],
    ['a word at a path', 400, { fault: { code: 'x9' } }, 'provider_refused', { errorPaths: ['fault.code'] }],
    [
      'a word at a path, mapped',
      400,
      { error: 'bad', fault: [{ id: 'dead' }] },
      'invalid_grant',
      { errorPaths: ['no.such', 'fault.0.id'], errorCodes: { dead: 'invalid_grant' } },
    ],
    [
      'a number at a path in a 200',
      200,
      { result: -9 },
      'invalid_grant',
      { errorPaths: ['result'], errorCodes: { '-9': 'invalid_grant' } },
    ],
  ];
  it.each(cases)('%s', (_name, status, body, code, dialect = {}) => {
    expect(read(status, body, dialect)).toMatchObject({ kind: 'failed', failure: { code, status } });
  });

  it.each([
    [{ status: 'BAD_REFRESH_TOKEN', message: 'no' }, 'BAD_REFRESH_TOKEN'],
    [{ error: 'invalid_code' }, 'invalid_code'],
    [{ ok: false, error: 'invalid_refresh_token' }, 'invalid_refresh_token'],
    [{ errors: [{ errorType: 'weird_word_77' }] }, 'weird_word_77'],
    [{ error: 5_012 }, '5012'],
  ])('%j shows its word', (body, word) => {
    for (const status of [200, 400]) {
      expect(read(status, body)).toMatchObject({ failure: { providerError: word } });
    }
  });

  it('is of the user only where a user is asked', () => {
    for (const grant of ['refresh_token', 'client_credentials', 'authorization_code', 'password'] as const) {
      expect(read(400, { error: 'access_denied' }, {}, grant)).toMatchObject({
        failure: { class: 'configuration' },
      });
    }
    expect(read(400, { error: 'access_denied' }, {}, 'ciba')).toMatchObject({
      failure: { code: 'access_denied', class: 'terminal' },
    });
    expect(
      read(400, { error: 'access_denied' }, { errorCodes: { access_denied: 'access_denied' } }),
    ).toMatchObject({ failure: { class: 'terminal' } });
  });

  it('is none because of a message beside the tokens', () => {
    const body = { access_token: 'a', token_type: 'bearer', expires_in: 5, refresh_token: 'r' };
    for (const more of [
      { message: 'ok' },
      { code: 0, status: 'success' },
      { errors: [] },
      { success: true },
    ]) {
      expect(read(200, { ...body, ...more })).toMatchObject({ kind: 'tokens' });
      expect(read(200, { data: body, ...more })).toMatchObject({ kind: 'unreadable', refreshToken: 'r' });
    }
  });
});

describe('rules', () => {
  const x = { error: 'invalid_request', error_description: 'Value passed for the token was invalid.' };
  const rule = {
    grant: 'refresh_token',
    contains: 'value passed for the TOKEN',
    code: 'invalid_grant',
  } as const;

  it('c10: map a word for one grant only', () => {
    const dialect = { errorRules: [rule] };
    expect(read(400, x, dialect)).toMatchObject({
      failure: { code: 'invalid_grant', providerError: 'invalid_request' },
    });
    expect(read(400, x, dialect, 'password')).toMatchObject({ failure: { code: 'invalid_request' } });
  });

  it('go before status and words, the first that matches', () => {
    const first = { status: 503, path: 'state', equals: 'gone', code: 'invalid_grant' } as const;
    const errorRules = [first, { status: 503, code: 'server_error' }] as const;
    expect(read(503, { state: 'gone' }, { errorRules })).toMatchObject({
      failure: { code: 'invalid_grant' },
    });
    expect(read(503, 'later', { errorRules })).toMatchObject({ failure: { code: 'server_error' } });
    expect(read(429, '', { errorRules })).toMatchObject({ failure: { code: 'rate_limited' } });
  });

  it.each([
    [{ path: 'ok', equals: false }, { ok: false }, true],
    [{ path: 'code', equals: 7 }, { code: '7' }, true],
    [{ path: 'code', contains: 'x' }, { other: 'x' }, false],
    [{ path: 'code' }, { code: {} }, true],
    [{ equals: 'dead' }, { error: 'dead' }, true],
    [{ equals: 'dead' }, { error: 'deadly' }, false],
  ])('%j of %j: %p', (condition, body, matches) => {
    const errorRules = [{ ...condition, code: 'invalid_grant' } as const];
    const outcome = read(400, body, { errorRules });
    const code = outcome.kind === 'failed' ? outcome.failure.code : undefined;
    expect(code === 'invalid_grant').toBe(matches);
  });

  it('never make a failure of good tokens by status or grant alone', () => {
    const body = { access_token: 'a', token_type: 'bearer', expires_in: 5 };
    const errorRules = [
      { status: 200, code: 'invalid_grant' },
      { grant: 'refresh_token', code: 'invalid_grant' },
    ] as const;
    expect(read(200, body, { errorRules })).toMatchObject({ kind: 'tokens' });
    const byContent = [{ path: 'expires_in', equals: 5, code: 'invalid_grant' }] as const;
    expect(read(200, body, { errorRules: byContent })).toMatchObject({ failure: { code: 'invalid_grant' } });
  });
});
