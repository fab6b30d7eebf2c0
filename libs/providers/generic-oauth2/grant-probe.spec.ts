import http from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { IssuerMetadataClient } from '#oauth-http';
import type { ProbedGrant, ProviderClient } from '#provider-kit';
import { type Loopback, serve, tokenEndpointClient, upstreamErrorOf } from '#testing';
import { formOf, soon } from '../recorder.spec-support.js';
import { GenericOauth2Adapter } from './generic-oauth2.adapter.js';
import { settingsSchema } from './generic-oauth2.schemas.js';

type Answer = readonly [status: number, body: unknown, headers?: http.OutgoingHttpHeaders];
interface Asked {
  readonly line: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

const grant: ProbedGrant = { accessToken: 'at1', tokenType: 'Bearer', refreshToken: 'rt1', scope: null };
const alive = { kind: 'alive' };
const refused = { kind: 'dead', reason: 'token_refused' };
const inactive = { kind: 'dead', reason: 'token_inactive' };
const failed = (code: string) => ({ kind: 'failed', failure: expect.objectContaining({ code }) });

let server: Loopback;
let client: ReturnType<typeof tokenEndpointClient>;
let answers: Record<string, Answer>;
const asked: Asked[] = [];

beforeAll(async () => {
  server = await serve(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
    const token = new URLSearchParams(body).get('token');
    const [status, content, headers] = answers[`${request.url}${token ? ` ${token}` : ''}`] ??
      answers[request.url ?? ''] ?? [404, ''];
    response.writeHead(status, headers).end(typeof content === 'string' ? content : JSON.stringify(content));
  });
  client = tokenEndpointClient();
});
beforeEach(() => {
  asked.length = 0;
  answers = {};
});
afterAll(async () => {
  client.close();
  await server.close();
});

function probe(names: readonly string[], more: Record<string, unknown> = {}, of: Partial<ProbedGrant> = {}) {
  const ways = {
    introspection: { introspection_endpoint: `${server.origin}/introspect` },
    userinfo: { userinfo_endpoint: `${server.origin}/me` },
    probe: { probe_url: `${server.origin}/api?limit=1` },
  };
  const chosen = Object.entries(ways).filter(([name]) => names.includes(name));
  const settings = Object.assign(
    { token_endpoint: `${server.origin}/token` },
    ...chosen.map(([, way]) => way),
    more,
  );
  const subject: ProviderClient = {
    clientId: 'app',
    secret: { kind: 'client_secret', value: 'secret' },
    settings: settingsSchema.parse(settings),
  };
  const adapter = new GenericOauth2Adapter(client, new IssuerMetadataClient(client));
  return adapter.probe(subject, { ...grant, ...of }, soon());
}

describe('whether a grant lives', () => {
  it('is asked by introspection first, with the authentication of the client', async () => {
    answers = { '/introspect': [200, { active: true }], '/me': [401, ''], '/api?limit=1': [401, ''] };
    expect(await probe(['introspection', 'userinfo', 'probe'], { token_headers: { 'X-Key': 'k' } })).toEqual(
      alive,
    );
    expect(asked.map(({ line }) => line)).toEqual(['POST /introspect']);
    expect(asked[0]?.headers).toMatchObject({ authorization: `Basic ${btoa('app:secret')}`, 'x-key': 'k' });
    expect(formOf(asked[0]?.body ?? '')).toEqual({ token: 'at1', token_type_hint: 'access_token' });
  });

  it.each<[string, Answer, Answer, Partial<ProbedGrant>, object]>([
    ['neither token is active', [200, { active: false }], [200, { active: false }], {}, inactive],
    ['only the refresh token is', [200, { active: false }], [200, { active: true }], {}, alive],
    ['the access token has expired', [500, ''], [200, { active: 'true' }], { accessToken: null }, alive],
    [
      'a refresh token is not introspected there',
      [200, { active: 'false' }],
      [400, { error: 'unsupported_token_type' }],
      {},
      inactive,
    ],
    ['there is no refresh token', [200, { active: false }], [500, ''], { refreshToken: null }, inactive],
    ['the client is not allowed to', [403, ''], [403, ''], {}, failed('permission_denied')],
    [
      'its secret is wrong',
      [401, ''],
      [200, { active: true }],
      { refreshToken: null },
      failed('invalid_client'),
    ],
    ['a page comes', [200, '<html>'], [200, '<html>'], {}, failed('malformed_response')],
    ['active is no flag', [200, { active: 1 }], [200, {}], {}, failed('malformed_response')],
    ['the server is down', [503, ''], [503, ''], {}, failed('temporarily_unavailable')],
  ])('introspection, when %s', async (_case, access, refresh, of, expected) => {
    answers = { '/introspect at1': access, '/introspect rt1': refresh };
    expect(await probe(['introspection'], {}, of)).toEqual(expected);
  });

  it.each<[string, Answer, object]>([
    ['any success', [204, ''], alive],
    ['a body that is no JSON', [200, '<html>'], alive],
    ['a list of more than 64 KiB', [200, JSON.stringify(['x'.repeat(70_000)])], alive],
    ['a message beside success', [200, { id: 1, message: 'hello', code: 7 }], alive],
    ['ok: true, as Slack says it', [200, { ok: true, error: null }], alive],
    ['401', [401, ''], refused],
    ['401 as a page', [401, '<html>'], refused],
    ['the word of RFC 6750 with another status', [400, { error: 'invalid_token' }], refused],
    ['ok: false in a success', [200, { ok: false, error: 'token_revoked' }], refused],
    [
      'the same with a word of no token',
      [200, { ok: false, error: 'ratelimited' }],
      failed('provider_refused'),
    ],
    [
      '403, for a token may be good and not allowed that',
      [403, { error: 'insufficient_scope' }],
      failed('permission_denied'),
    ],
    ['no such address', [404, ''], failed('endpoint_not_found')],
    ['too many requests', [429, ''], failed('rate_limited')],
    ['an outage', [502, '<html>'], failed('server_error')],
  ])('userinfo and the probe URL: %s', async (_case, answer, expected) => {
    answers = { '/me': answer, '/api?limit=1': answer };
    for (const way of ['userinfo', 'probe']) expect(await probe([way])).toEqual(expected);
    expect(asked.map(({ line, headers }) => `${line} ${headers.authorization}`)).toEqual([
      'GET /me Bearer at1',
      'GET /api?limit=1 Bearer at1',
    ]);
  });

  it('is asked by the next way where one does not tell; the first says why none did', async () => {
    answers = { '/introspect': [403, ''], '/me': [302, '', { location: '/api?limit=1' }] };
    expect(await probe(['introspection', 'userinfo', 'probe'])).toEqual(failed('permission_denied'));
    answers['/api?limit=1'] = [200, {}];
    expect(await probe(['introspection', 'userinfo', 'probe'])).toEqual(alive);
    answers['/introspect'] = [200, { active: false }];
    expect(await probe(['introspection', 'userinfo', 'probe'])).toEqual(inactive);
  });

  it('takes the token to no other address than the one declared', async () => {
    answers = { '/me': [307, '', { location: `${server.origin}/elsewhere` }] };
    expect(await upstreamErrorOf(probe(['userinfo']))).toMatchObject({ code: 'redirect_refused' });
    expect(await upstreamErrorOf(probe([], { probe_url: 'http://10.0.0.1/x' }))).toMatchObject({
      code: 'egress_refused',
    });
    expect(asked.map(({ line }) => line)).toEqual(['GET /me']);
  });

  it('cannot be told without a way, or without a token for it', async () => {
    expect(await probe([])).toEqual({ kind: 'untold', reason: 'not_probeable' });
    const none = { kind: 'untold', reason: 'no_live_token' };
    expect(await probe(['userinfo', 'probe'], {}, { accessToken: null })).toEqual(none);
    expect(asked).toEqual([]);
  });

  it.each([
    [['introspection_endpoint', 'userinfo_endpoint'], null, alive, 'POST /introspect'],
    [['userinfo_endpoint'], 'openid email', alive, 'GET /me'],
    // A token of another scope is refused there while it is good.
    [['userinfo_endpoint'], 'email', { kind: 'untold', reason: 'not_probeable' }, undefined],
  ])('finds %j in the metadata', async (members, scope, expected, last) => {
    const all = {
      introspection_endpoint: `${server.origin}/introspect`,
      userinfo_endpoint: `${server.origin}/me`,
    };
    const named = Object.fromEntries(Object.entries(all).filter(([name]) => members.includes(name)));
    answers = {
      '/.well-known/oauth-authorization-server': [200, { issuer: server.origin, ...named }],
      '/introspect': [200, { active: true }],
      '/me': [200, { sub: 'u' }],
    };
    expect(await probe([], { issuer: server.origin }, { scope })).toEqual(expected);
    expect(asked.map(({ line }) => line).find((line) => !line.includes('.well-known'))).toBe(last);
  });
});
