import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type FailureCode, failureCodes, type TokenOutcome, type TokenResponseContext } from '#provider-kit';
import { anyText } from '#testing';
import { readTokenEndpointResponse } from './token-response.reader.js';
import type { ProviderDialect } from './token-response-profile.js';

const context: TokenResponseContext = {
  grant: 'refresh_token',
  client: { clientId: 'my-client', settings: {}, secret: { kind: 'client_secret', value: 'hunter-two' } },
};
const profile = { assumedLifetimeSeconds: 300, context };
const good = { access_token: 'abc', token_type: 'Bearer', expires_in: 3600 };

function read(status: number, body: unknown, dialect: Partial<ProviderDialect> = {}, grant = context.grant) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return readTokenEndpointResponse(
    { status, contentType: 'text/plain', body: text },
    { ...profile, ...dialect, context: { ...context, grant } },
  );
}

function tokensOf(outcome: TokenOutcome) {
  if (outcome.kind !== 'tokens') throw new Error(`Not tokens: ${JSON.stringify(outcome)}`);
  return outcome.tokens;
}

function failureOf(outcome: TokenOutcome) {
  if (outcome.kind !== 'failed' && outcome.kind !== 'unreadable')
    throw new Error(`Not a failure: ${JSON.stringify(outcome)}`);
  return outcome.failure;
}

describe('a token response', () => {
  it('is read whatever its content type says', () => {
    expect(read(200, good)).toEqual({
      kind: 'tokens',
      tokens: { accessToken: 'abc', tokenType: 'Bearer', expiresInSeconds: 3600 },
    });
  });

  it.each([
    [3599, 3599],
    ['3599', 3599],
    ['3599.9', 3599],
    [29.5, 29],
    [0.5, 300],
    [0, 300],
    [-5, 300],
    ['-5', 300],
    ['0', 300],
    [9_223_372_036_854_776_000, 31_536_000],
    ['9223372036854775807', 31_536_000],
  ])('expires_in %p is %d s', (said, seconds) => {
    const tokens = tokensOf(read(200, { ...good, expires_in: said }));
    expect(tokens).toMatchObject({ expiresInSeconds: seconds });
  });

  it('takes a number too large for JSON', () => {
    const body = '{"access_token":"abc","token_type":"bearer","expires_in":1e999}';
    expect(tokensOf(read(200, body)).expiresInSeconds).toBe(31_536_000);
  });

  it.each([undefined, null, '', 'soon', '12 s', true, {}, []])(
    'expires_in %p: the documented one, marked',
    (said) => {
      const tokens = tokensOf(read(200, { ...good, expires_in: said }));
      expect(tokens).toMatchObject({ expiresInSeconds: 300 });
      const without = read(200, { ...good, expires_in: said }, { assumedLifetimeSeconds: null });
      expect(failureOf(without).code).toBe('malformed_response');
    },
  );

  it.each(['Bearer', 'bearer', 'BEARER'])('token_type %s', (spelled) => {
    expect(tokensOf(read(200, { ...good, token_type: spelled })).tokenType).toBe(spelled);
  });

  it.each([undefined, null, ''])('token_type %p is refused, unless the provider is known for it', (type) => {
    const body = { ...good, token_type: type };
    expect(failureOf(read(200, body)).code).toBe('malformed_response');
    expect(tokensOf(read(200, body, { tokenTypeOptional: true })).tokenType).toBe('Bearer');
  });

  it.each(['DPoP', 'mac', 'bearer ', 7, {}])('token_type %p is refused', (type) => {
    const outcome = read(200, { ...good, token_type: type }, { tokenTypeOptional: true });
    expect(failureOf(outcome).code).toBe('malformed_response');
  });

  it.each([undefined, null, '', 7, {}, ['a'], 'a b', 'a\nb', 'a\u0000', ' abc', 'ä', '\ud800'])(
    'access_token %p is refused',
    (token) => {
      expect(failureOf(read(200, { ...good, access_token: token }))).toMatchObject({
        code: 'malformed_response',
        class: 'unknown',
      });
    },
  );

  it.each([undefined, null, ''])('refresh_token %p is absent', (token) => {
    expect(tokensOf(read(200, { ...good, refresh_token: token }))).not.toHaveProperty('refreshToken');
  });

  it("takes the provider's word for the life of a refresh token that came, unless the answer says", () => {
    const dialect = { assumedRefreshLifetimeSeconds: 900 };
    const withRefresh = { ...good, refresh_token: 'r' };
    expect(tokensOf(read(200, withRefresh, dialect)).refreshTokenExpiresInSeconds).toBe(900);
    const said = { ...withRefresh, refresh_expires_in: 60 };
    expect(tokensOf(read(200, said, dialect)).refreshTokenExpiresInSeconds).toBe(60);
    // None came: the one that was used lives on.
    expect(tokensOf(read(200, good, dialect)).refreshTokenExpiresInSeconds).toBe(900);
  });

  it.each([7, {}, ['a'], 'a\nb'])('refresh_token %p is not passed over', (token) => {
    expect(failureOf(read(200, { ...good, refresh_token: token })).code).toBe('malformed_response');
  });

  it('passes on refresh token, its lifetime and a narrower scope; ignores id_token', () => {
    const body = {
      ...good,
      refresh_token: 'r 1',
      refresh_expires_in: '60',
      scope: 'Office Manager',
      id_token: 5,
    };
    expect(tokensOf(read(200, body))).toEqual({
      accessToken: 'abc',
      tokenType: 'Bearer',
      expiresInSeconds: 3600,
      refreshToken: 'r 1',
      refreshTokenExpiresInSeconds: 60,
      scope: 'Office Manager',
    });
    expect(tokensOf(read(200, { ...good, scope: ['a', 'b'] })).scope).toBe('a b');
    expect(tokensOf(read(200, { ...good, scope: 'half a \ud800' })).scope).toBeUndefined();
    expect(tokensOf(read(200, { ...good, error: null, error_description: '' })).accessToken).toBe('abc');
  });
});

describe('a failure', () => {
  const cases: [string, number, unknown, FailureCode][] = [
    ['invalid_client', 401, { error: 'invalid_client' }, 'invalid_client'],
    ['401 without words', 401, '', 'invalid_client'],
    ['invalid_grant', 400, { error: 'invalid_grant' }, 'invalid_grant'],
    ['invalid_grant in a 401', 401, { error: 'invalid_grant' }, 'invalid_grant'],
    ['invalid_grant in a 500', 500, { error: 'invalid_grant' }, 'server_error'],
    ['invalid_grant in a 503', 503, { error: 'invalid_grant' }, 'temporarily_unavailable'],
    ['an error in a 200', 200, { error: 'invalid_grant' }, 'invalid_grant'],
    ['an error beside a token', 200, { ...good, error: 'invalid_scope' }, 'invalid_scope'],
    ['an unknown error in a 200', 200, { error: 'Internal Server Error' }, 'server_error'],
    ['an unknown error in a 400', 400, { error: 'weird_thing' }, 'provider_refused'],
    ['an error named like an object member', 400, { error: 'constructor' }, 'provider_refused'],
    ['an error object', 400, { error: { code: 'invalid_scope', message: 'no' } }, 'invalid_scope'],
    ['HTML in a 200', 200, '<html>ok</html>', 'malformed_response'],
    ['HTML in a 502', 502, '<html>bad gateway</html>', 'server_error'],
    ['truncated JSON', 200, '{"access_token":"abc","token', 'malformed_response'],
    ['a list', 200, [good], 'malformed_response'],
    ['an empty 204', 204, '', 'malformed_response'],
    ['problem+json', 400, { type: 'https://x', title: 'Bad Request', detail: 'no scope' }, 'invalid_request'],
    ['CAMARA', 403, { status: 403, code: 'PERMISSION_DENIED', message: 'no' }, 'unauthorized_client'],
    [
      'CAMARA in a 200',
      200,
      { status: 503, code: 'UNAVAILABLE', message: 'later' },
      'temporarily_unavailable',
    ],
    ['a bare message', 400, { message: 'The request is invalid.' }, 'invalid_request'],
    ['429', 429, { error: 'invalid_grant' }, 'rate_limited'],
    ['408', 408, '', 'upstream_timeout'],
    ['404', 404, 'not found', 'endpoint_not_found'],
    ['403 without words', 403, 'Forbidden', 'permission_denied'],
    ['access_denied where no user is asked', 403, { error: 'access_denied' }, 'permission_denied'],
    ['a token in a 400', 400, good, 'invalid_request'],
    ['authorization_pending after a refresh', 400, { error: 'authorization_pending' }, 'invalid_request'],
    ['slow_down after a refresh', 400, { error: 'slow_down' }, 'rate_limited'],
    [
      'temporarily_unavailable in a 400',
      400,
      { error: 'temporarily_unavailable' },
      'temporarily_unavailable',
    ],
  ];
  it.each(cases)('%s', (_name, status, body, code) => {
    expect(failureOf(read(status, body))).toMatchObject({ code, class: failureCodes[code].class, status });
  });

  it("keeps the provider's words, without client id, secret or tokens", () => {
    const failure = failureOf(
      read(400, {
        error: 'odd_error',
        error_description: 'my-client with hunter-two may not use 7332170a208e270bc922d8ca54a5091f',
      }),
    );
    expect(failure).toMatchObject({
      providerError: 'odd_error',
      providerErrorDescription: '[redacted] with [redacted] may not use [redacted]',
    });
  });

  it('speaks the dialect of its provider first', () => {
    const outcome = read(400, { error: 'nope' }, { errorCodes: { nope: 'access_denied' } });
    expect(failureOf(outcome).code).toBe('access_denied');
  });

  it('knows the statuses that mean something else with its provider, whatever the words', () => {
    const statusCodes = { 404: 'not_supported', 503: 'server_error' } as const;
    expect(failureOf(read(404, { error: 'invalid_grant' }, { statusCodes })).code).toBe('not_supported');
    expect(failureOf(read(503, '', { statusCodes })).class).toBe('unknown');
    expect(tokensOf(read(200, good, { statusCodes })).accessToken).toBe('abc');
  });

  it('carries Retry-After', () => {
    const response = { status: 429, contentType: '', retryAfterSeconds: 9, body: '' };
    expect(failureOf(readTokenEndpointResponse(response, profile)).retryAfterSeconds).toBe(9);
  });
});

describe('CIBA', () => {
  it('waits', () => {
    expect(read(400, { error: 'authorization_pending' }, {}, 'ciba')).toEqual({
      kind: 'pending',
      slowDown: false,
    });
    expect(read(400, { error: 'slow_down', interval: '7' }, {}, 'ciba')).toEqual({
      kind: 'pending',
      slowDown: true,
      intervalSeconds: 7,
    });
    expect(failureOf(read(400, { error: 'expired_token' }, {}, 'ciba')).class).toBe('terminal');
  });

  it('is over after invalid_request, and only there', () => {
    const dialect = { errorCodes: { invalid_request: 'invalid_scope' } } as const;
    expect(failureOf(read(400, { error: 'invalid_request' }, dialect, 'ciba'))).toMatchObject({
      code: 'invalid_grant',
      providerError: 'invalid_request',
    });
    expect(failureOf(read(400, { error: 'invalid_request' })).code).toBe('invalid_request');
    expect(failureOf(read(400, '', {}, 'ciba')).code).toBe('invalid_request');
  });
});

describe('totality', () => {
  const body = fc.oneof(
    anyText(),
    fc.json(),
    fc
      .record(
        {
          access_token: fc.oneof(anyText(), fc.constant('abc'), fc.jsonValue()),
          token_type: fc.oneof(fc.constant('bearer'), fc.jsonValue()),
          expires_in: fc.oneof(fc.double(), fc.string(), fc.jsonValue()),
          refresh_token: fc.jsonValue(),
          scope: fc.jsonValue(),
          error: fc.oneof(
            fc.constantFrom(...Object.keys(failureCodes), '__proto__', 'toString'),
            fc.jsonValue(),
          ),
          error_description: fc.jsonValue(),
          code: fc.jsonValue(),
          message: fc.jsonValue(),
          status: fc.jsonValue(),
        },
        { requiredKeys: [] },
      )
      .map((value) => JSON.stringify(value)),
  );
  const grant = fc.constantFrom<TokenResponseContext['grant'][]>(
    'client_credentials',
    'refresh_token',
    'ciba',
  );

  it('any bytes with any status are an outcome, and a token is the one of the JSON', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constant(200), fc.integer()), body, grant, (status, text, type) => {
        const outcome = read(status, text, {}, type);
        if (outcome.kind === 'unreadable') expect(outcome.failure.code).toBe('malformed_response');
        if (outcome.kind === 'failed') {
          expect(outcome.failure.class).toBe(failureCodes[outcome.failure.code].class);
          expect(outcome.failure.providerErrorDescription?.length ?? 0).toBeLessThanOrEqual(200);
        }
        if (outcome.kind === 'tokens') {
          const parsed = JSON.parse(text) as Record<string, unknown>;
          expect(outcome.tokens.accessToken).toBe(parsed['access_token']);
          expect(parsed['error'] || false).toBe(false);
          expect(status).toBeGreaterThanOrEqual(200);
          expect(status).toBeLessThan(300);
          expect(outcome.tokens.expiresInSeconds).toBeGreaterThan(0);
          expect(outcome.tokens.expiresInSeconds).toBeLessThanOrEqual(31_536_000);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
