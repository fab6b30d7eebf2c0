import type net from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { IssuerMetadataClient } from '#oauth-http';
import { failureCodes, type ProviderClient, responseContext, type TokenGrant } from '#provider-kit';
import { type Loopback, serve, serveRaw, tokenEndpointClient } from '#testing';
import { soon } from '../recorder.spec-support.js';
import { GenericOauth2Adapter } from './generic-oauth2.adapter.js';
import { credentialSchema, settingsSchema } from './generic-oauth2.schemas.js';

const tokens = { access_token: 'at2', token_type: 'Bearer', expires_in: 60, refresh_token: 'rt2' };
const text = JSON.stringify(tokens);
const refresh: TokenGrant = { type: 'refresh_token', refreshToken: 'rt1' };

let wire: Buffer;
let server: Loopback;
let http: ReturnType<typeof tokenEndpointClient>;
let adapter: GenericOauth2Adapter;
beforeAll(async () => {
  server = await serveRaw((socket: net.Socket) => {
    socket.once('data', () => socket.end(wire));
  });
  http = tokenEndpointClient();
  adapter = new GenericOauth2Adapter(http, new IssuerMetadataClient(http));
});
afterAll(async () => {
  http.close();
  await server.close();
});

function clientWith(settings: object = {}, clientId = 'app', secret = 'secret'): ProviderClient {
  return {
    clientId,
    secret: { kind: 'client_secret', value: secret },
    settings: settingsSchema.parse({ token_endpoint: `${server.origin}/token`, ...settings }),
  };
}

async function ask(client: ProviderClient, grant: TokenGrant = refresh) {
  const response = await adapter.sendTokenRequest(client, grant, soon());
  return adapter.readTokenResponse(response, responseContext(client, grant));
}

async function answered(bytes: string | Buffer, settings: object = {}) {
  wire = Buffer.from(bytes as string);
  return ask(clientWith(settings));
}

const head = (status: string, headers = '') =>
  `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\n${headers}`;
const whole = (body: string | Buffer, status = '200 OK', headers = '') =>
  Buffer.concat([
    Buffer.from(head(status, `${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`)),
    Buffer.from(body as string),
  ]);

describe('an answer in an unusual wrapping is read', () => {
  const chunk = `${text.length.toString(16)}\r\n${text}\r\n0\r\n`;
  it.each<[string, string | Buffer]>([
    ['with a byte order mark', whole(`\ufeff${text}`)],
    ['with a byte order mark and blank lines', whole(`\ufeff\r\n\r\n${text}\r\n`)],
    [
      'by HTTP/1.0 that ends with the connection',
      `HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n${text}`,
    ],
    ['without a length, up to the end', `${head('200 OK')}Connection: close\r\n\r\n${text}`],
    [
      'in chunks with trailers',
      `${head('200 OK')}Transfer-Encoding: chunked\r\nTrailer: X-A\r\n\r\n${chunk}X-A: b\r\n\r\n`,
    ],
    [
      'in chunks with extensions',
      `${head('200 OK')}Transfer-Encoding: chunked\r\n\r\n${chunk.replace('\r\n', ';a=b\r\n')}\r\n`,
    ],
    ['as text/html', whole(text).toString().replace('application/json', 'text/html')],
    ['as no type at all', whole(text).toString().replace('Content-Type: application/json\r\n', '')],
    ['as form-encoded, by its type', whole(text).toString().replace('json', 'x-www-form-urlencoded')],
    ['after early hints', `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${whole(text)}`],
    ['after another interim answer', `HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103\r\n\r\n${whole(text)}`],
    ['after blank lines', `\r\n\r\n${whole(text)}`],
    ['without a reason phrase', whole(text, '200')],
    ['with an empty reason phrase', whole(text, '200 ')],
    ['with a reason of its own', whole(text, '200 Bad Request')],
    ...['201 Created', '202 Accepted', '203 Other', '205 Reset', '206 Partial'].map(
      (status): [string, Buffer] => [`with ${status}`, whole(text, status)],
    ),
  ])('%s', async (_name, bytes) => {
    expect(await answered(bytes)).toMatchObject({
      kind: 'tokens',
      tokens: { accessToken: 'at2', refreshToken: 'rt2', expiresInSeconds: 60 },
    });
  });

  it.each<[string, object, object]>([
    ['a list of scopes', { scope: ['a', 'b'] }, { scope: 'a b' }],
    ['an empty list of scopes', { scope: [] }, {}],
    ['no scope', { scope: null }, {}],
    ['scopes with commas', { scope: 'a,b' }, { scope: 'a,b' }],
    ['an error that is null', { error: null }, {}],
    ['an error that is empty', { error: '', error_description: '' }, {}],
    ['an error that is false', { error: false }, {}],
    ['an error that is 0', { error: 0, errors: [] }, {}],
    ['a lifetime as text', { expires_in: '60' }, {}],
    ['a lifetime with a fraction', { expires_in: 60.9 }, {}],
    ['tokens of 20 KB', { access_token: 'a'.repeat(20_000), refresh_token: 'r'.repeat(20_000) }, {}],
    ['an id_token that is none', { id_token: 'x.y.z' }, {}],
    ['members of its own', { ok: true, status: 'success', message: 'fine', team: { id: 1 } }, {}],
  ])('%s', async (_name, more, expected) => {
    expect(await answered(whole(JSON.stringify({ ...tokens, ...more })))).toMatchObject({
      kind: 'tokens',
      tokens: { expiresInSeconds: 60, ...expected },
    });
  });

  it.each([{}, { refresh_token: null }, { refresh_token: '' }])(
    'with the refresh token of before where it has %j',
    async (more) => {
      const { refresh_token: _none, ...rest } = tokens;
      const outcome = await answered(whole(JSON.stringify({ ...rest, ...more })));
      expect(outcome.kind === 'tokens' && 'refreshToken' in outcome.tokens).toBe(false);
      expect(outcome.kind).toBe('tokens');
    },
  );

  it.each([
    'access_token=at2&expires_in=60&refresh_token=rt2&token_type=bearer&scope=a%20b',
    'token_type=Bearer&access_token=at2&scope=&expires_in=60&refresh_token=rt2\n',
    'scope=read+write&access_token=at2&refresh_token=rt2&expires_in=60&token_type=bearer&error=',
  ])('form-encoded (a01): %p', async (body) => {
    expect(await answered(whole(body))).toMatchObject({
      kind: 'tokens',
      tokens: { accessToken: 'at2', refreshToken: 'rt2', expiresInSeconds: 60 },
    });
  });
});

describe('an answer that is none', () => {
  it.each<[string, Buffer]>([
    ['in UTF-16', whole(Buffer.from(`\ufeff${text}`, 'utf16le'))],
    ['in UTF-16, the other way round', whole(Buffer.from(text, 'utf16le').swap16())],
    ['as XML', whole(`<?xml version="1.0"?><OAuth><access_token>at2</access_token></OAuth>`)],
    ['with a token in characters that cannot travel', whole(text.replace('at2', 'at\u00e9'))],
    ['with bytes that are no UTF-8', whole(Buffer.from(text.replace('at2', 'at\u00ff'), 'latin1'))],
    ['as JavaScript', whole(`callback(${text})`)],
    ['as two documents', whole(`${text}${text}`)],
  ])('%s is not taken for tokens', async (_name, bytes) => {
    const outcome = await answered(bytes);
    expect(outcome).toMatchObject({ kind: 'unreadable', failure: { code: 'malformed_response' } });
  });

  it.each(['400', '401', '403'])(
    'invalid_grant in a %s, with and without a byte order mark',
    async (status) => {
      for (const mark of ['', '\ufeff']) {
        const bytes = whole(`${mark}{"error":"invalid_grant"}`, `${status} `);
        expect(await answered(bytes)).toMatchObject({
          failure: { code: 'invalid_grant', class: 'terminal' },
        });
      }
    },
  );

  it.each([
    ['429', '120', 120],
    ['429', new Date(Date.now() + 3_600_000).toUTCString(), 3_600],
    ['503', '0', 0],
    ['503', 'Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['429', 'a while', undefined],
    ['503', '-5', undefined],
  ])('%s with Retry-After %p', async (status, value, seconds) => {
    const outcome = await answered(whole('', `${status} `, `Retry-After: ${value}\r\n`));
    if (outcome.kind !== 'failed') throw new Error(outcome.kind);
    expect(outcome.failure.class).toBe('transient');
    const after = outcome.failure.retryAfterSeconds;
    if (seconds === undefined) expect(after).toBeUndefined();
    else expect(Math.abs((after ?? -99) - seconds)).toBeLessThanOrEqual(5);
  });

  it.each<[string, Buffer, string, string]>([
    [
      'a page in a 404',
      whole('<html>Not Found</html>', '404 Not Found'),
      'endpoint_not_found',
      'Compare the endpoint',
    ],
    ['words in a 404', whole('no such route', '404 '), 'endpoint_not_found', 'Compare the endpoint'],
    ['JSON in a 404', whole('{"message":"Not Found"}', '404 '), 'endpoint_not_found', 'Compare the endpoint'],
    [
      'a firewall',
      whole('<!DOCTYPE html><title>Attention Required!</title>', '403 '),
      'unexpected_page',
      'blocks',
    ],
    ['another', whole('<HTML><HEAD><TITLE>Access Denied</TITLE>', '403 '), 'unexpected_page', 'blocks'],
    ['a challenge', whole('\n<html><body>Checking your browser', '401 '), 'unexpected_page', 'blocks'],
  ])('%s is named, with the remedy that fits', async (_name, bytes, code, remedy) => {
    const outcome = await answered(bytes);
    if (outcome.kind !== 'failed') throw new Error(outcome.kind);
    expect(outcome.failure.code).toBe(code);
    expect(failureCodes[outcome.failure.code].remedy).toContain(remedy);
  });
});

describe('what is sent', () => {
  beforeEach(() => {
    wire = whole(text);
  });
  const sentBy = async (client: ProviderClient, grant?: TokenGrant) => {
    const before = server.wire().length;
    await ask(client, grant);
    const [headers = '', body = ''] = server.wire().slice(before).split('\r\n\r\n');
    return {
      authorization: /authorization: Basic (\S+)/i.exec(headers)?.[1] ?? '',
      form: new URLSearchParams(body),
    };
  };

  it.each([
    ['a%b:c', 'd+e ü&='],
    ['%3A', '100%'],
    ['app:prod', 'p:q:r'],
  ])('HTTP Basic with %p and %p is what a server of RFC 6749 decodes', async (id, secret) => {
    const { authorization } = await sentBy(clientWith({}, id, secret));
    const pair = Buffer.from(authorization, 'base64').toString('latin1').split(':');
    expect(pair.map((half) => new URLSearchParams(`x=${half}`).get('x'))).toEqual([id, secret]);
  });

  it('HTTP Basic as it is, for servers that do not decode it', async () => {
    const { authorization } = await sentBy(clientWith({ basic_encoding: 'raw' }, 'app', 'p:+/= ü'));
    expect(Buffer.from(authorization, 'base64').toString()).toBe('app:p:+/= ü');
  });

  it('names in any script, and scopes with commas', async () => {
    const grant: TokenGrant = { type: 'password', username: 'Zoë 李雷', password: 'pä ß', scope: 'a b' };
    const { form } = await sentBy(clientWith({ allow_password_grant: true, scope_separator: ',' }), grant);
    expect(Object.fromEntries(form)).toMatchObject({ username: 'Zoë 李雷', password: 'pä ß', scope: 'a,b' });
  });

  it.each(['two\nlines', 'tab\there', 'nul\u0000'])(
    'no secret like %p, which is refused by name',
    (client_secret) => {
      const { error } = credentialSchema.safeParse({ client_id: 'app', client_secret });
      expect(error?.issues[0]).toMatchObject({
        path: ['client_secret'],
        message: expect.stringContaining('line breaks'),
      });
    },
  );
});

describe('the client authentication that metadata offers (f17)', () => {
  it.each<[object, object, string]>([
    [{ token_endpoint_auth_methods_supported: ['client_secret_post'] }, {}, 'post'],
    [{ token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_post'] }, {}, 'post'],
    [{ token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'] }, {}, 'basic'],
    [{ token_endpoint_auth_methods_supported: 'client_secret_post' }, {}, 'basic'],
    [{}, {}, 'basic'],
    [
      { token_endpoint_auth_methods_supported: ['client_secret_post'] },
      { client_auth: 'client_secret_basic' },
      'basic',
    ],
  ])('%j with %j is %s', async (metadata, settings, expected) => {
    let used = '';
    const issuer = await serve(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      if (request.method === 'POST') used = request.headers.authorization ? 'basic' : 'post';
      const { origin } = issuer;
      const document = { issuer: origin, token_endpoint: `${origin}/token`, ...metadata };
      response.end(JSON.stringify(request.method === 'GET' ? document : tokens));
      if (request.method === 'POST') expect(body.includes('client_secret=secret')).toBe(used === 'post');
    });
    const client = {
      ...clientWith(),
      settings: settingsSchema.parse({ issuer: issuer.origin, ...settings }),
    };
    expect(await ask(client)).toMatchObject({ kind: 'tokens' });
    expect(used).toBe(expected);
    await issuer.close();
  });
});
