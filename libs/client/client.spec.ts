import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '#testing';
import type { GrantkeeperClientOptions } from './client-options.js';
import { GrantkeeperClient } from './grantkeeper-client.js';
import { GrantkeeperError } from './grantkeeper-error.js';
import {
  key,
  problem,
  type ScriptedGrantkeeper,
  scriptedGrantkeeper,
  send,
  tokens,
} from './spec-support/scripted-grantkeeper.js';

let grantkeeper: ScriptedGrantkeeper;
let client: GrantkeeperClient;
let failures: unknown[];
beforeAll(async () => {
  grantkeeper = await scriptedGrantkeeper();
});
beforeEach(() => {
  failures = [];
  grantkeeper.requests.length = 0;
  grantkeeper.answer = tokens();
  client = grantkeeper.client({ onBackgroundError: (error) => failures.push(error) });
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(() => grantkeeper.close());

/** The clock of the client goes ahead: it takes the longer of two. */
function pass(seconds: number): void {
  const nowMs = Date.now() + seconds * 1_000;
  jest.restoreAllMocks();
  jest.spyOn(Date, 'now').mockReturnValue(nowMs);
}

async function accessToken(minTtl?: number): Promise<string> {
  return (await client.token('main', { minTtl })).access_token;
}

async function errorOf(promise: Promise<unknown>): Promise<GrantkeeperError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GrantkeeperError)) throw new Error(`Not a GrantkeeperError: ${String(error)}`);
  return error;
}

describe('a token in memory', () => {
  it('is served again, with what is left of it, and asked for once however many want it', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => client.token('main')));
    expect(new Set(all.map(({ access_token }) => access_token))).toEqual(new Set(['token-1']));
    pass(100);
    expect((await client.token('acme/main')).expires_in).toBeLessThanOrEqual(900);
    expect(grantkeeper.requests).toEqual(['GET /v1/tenants/acme/connections/main/token?min_ttl=60']);
  });

  it('is refreshed ahead of its end, while it is served', async () => {
    await accessToken();
    pass(900);
    expect(await accessToken()).toBe('token-1');
    await eventually(async () => expect(await accessToken()).toBe('token-2'));
    expect(grantkeeper.requests.slice(1)).toEqual([
      'GET /v1/tenants/acme/connections/main/token?min_ttl=120',
    ]);
  });

  it('is waited for where too little is left, and never served after its end', async () => {
    await accessToken();
    pass(950);
    expect(await accessToken()).toBe('token-2');
    pass(2_000);
    expect(await accessToken()).toBe('token-3');
  });

  it('is served on while it lasts and the renewal fails, without asking each time', async () => {
    await accessToken();
    grantkeeper.answer = problem(503, 'provider_unavailable', { 'retry-after': '20' });
    pass(900);
    expect(await accessToken()).toBe('token-1');
    await eventually(async () => expect(failures).toHaveLength(1));
    pass(10);
    expect(await accessToken()).toBe('token-1');
    pass(950 - 910);
    expect(await accessToken()).toBe('token-1');
    expect(grantkeeper.requests).toHaveLength(3);
    pass(100);
    const error = await errorOf(accessToken());
    expect(error).toMatchObject({
      code: 'provider_unavailable',
      status: 503,
      detail: 'It is provider_unavailable.',
    });
  });

  it('is forgotten once Grantkeeper refuses it', async () => {
    await accessToken();
    grantkeeper.answer = problem(404, 'not_found');
    pass(301);
    expect(await accessToken()).toBe('token-1');
    await eventually(async () => expect((await errorOf(accessToken())).code).toBe('not_found'));
    expect(failures).toMatchObject([{ code: 'not_found' }]);
  });

  it('is kept when something that is not Grantkeeper answers', async () => {
    await accessToken();
    grantkeeper.answer = (_, response) => void response.writeHead(404).end('<h1>no such backend</h1>');
    pass(301);
    await accessToken();
    await eventually(async () =>
      expect(failures).toMatchObject([{ code: 'unexpected_answer', status: 404 }]),
    );
    expect(await accessToken()).toBe('token-1');
  });

  it('without an end is asked for again after maxAgeSeconds', async () => {
    grantkeeper.answer = tokens(null);
    await accessToken();
    pass(299);
    expect(await client.token('main')).toMatchObject({ access_token: 'token-1', expires_in: null });
    expect(grantkeeper.requests).toHaveLength(1);
    pass(2);
    expect(await accessToken()).toBe('token-1');
    await eventually(async () => expect(await accessToken()).toBe('token-2'));
  });

  it('of a short life is not asked for at each read', async () => {
    grantkeeper.answer = tokens(30);
    for (let read = 0; read < 5; read += 1) expect(await accessToken()).toBe('token-1');
    // Anything asked for behind these reads has arrived before the answer to a later one.
    await client.token('other');
    await client.token('another');
    expect(grantkeeper.requests.filter((request) => request.includes('/main/'))).toHaveLength(1);
  });

  it('is asked for anew by a reader who needs it for longer', async () => {
    grantkeeper.answer = tokens(10_000);
    await accessToken();
    pass(7_000);
    expect(await accessToken(3_600)).toBe('token-2');
    const [shorter, longer] = await Promise.all([
      client.token('b', { minTtl: 5 }),
      client.token('b', { minTtl: 50 }),
    ]);
    expect([shorter.access_token, longer.access_token]).toEqual(['token-3', 'token-3']);
  });

  it('is dropped, the longest unread first, where there are more connections than maxConnections', async () => {
    client = grantkeeper.client({ maxConnections: 2 });
    for (const id of ['a', 'b', 'a', 'c', 'a', 'b']) await client.token(id);
    expect(grantkeeper.requests.map((request) => /connections\/(\w)/.exec(request)?.[1])).toEqual([
      'a',
      'b',
      'c',
      'b',
    ]);
  });

  it('of a single use is neither kept nor shared', async () => {
    const both = await Promise.all([1, 2].map(() => client.token('main', { cache: false })));
    expect(both.map(({ access_token }) => access_token).sort()).toEqual(['token-1', 'token-2']);
  });
});

describe('a refusal', () => {
  it('is a typed error, and not asked for again before its Retry-After', async () => {
    grantkeeper.answer = problem(429, 'rate_limited', { 'retry-after': '7' });
    const error = await errorOf(accessToken());
    expect(error).toMatchObject({
      name: 'GrantkeeperError',
      code: 'rate_limited',
      status: 429,
      retryAfterSeconds: 7,
    });
    expect(error.problem).toMatchObject({ title: 'rate_limited' });
    expect(error.message).toBe('Reading the token of acme/main: 429 rate_limited: It is rate_limited.');
    grantkeeper.answer = tokens();
    pass(5);
    expect((await errorOf(accessToken())).retryAfterSeconds).toBeLessThanOrEqual(2);
    expect(grantkeeper.requests).toHaveLength(1);
    pass(3);
    expect(await accessToken()).toBe('token-1');
  });

  it('may name a date to come back at', async () => {
    const at = new Date(Date.now() + 60_000).toUTCString();
    grantkeeper.answer = problem(503, 'unavailable', { 'retry-after': at });
    const { retryAfterSeconds } = await errorOf(accessToken());
    expect(retryAfterSeconds).toBeGreaterThan(50);
    expect(retryAfterSeconds).toBeLessThanOrEqual(60);
  });

  it('without a Retry-After is asked for anew', async () => {
    grantkeeper.answer = problem(409, 'reauthorization_required');
    expect((await errorOf(accessToken())).code).toBe('reauthorization_required');
    grantkeeper.answer = tokens();
    expect(await accessToken()).toBe('token-1');
  });

  it('is `unexpected_answer` for a success without a token, and for a redirect, which is not followed', async () => {
    grantkeeper.answer = (_, response) => send(response, 200, { access_token: 7 });
    expect((await errorOf(accessToken())).code).toBe('unexpected_answer');
    const elsewhere = await scriptedGrantkeeper();
    grantkeeper.answer = (_, response) => void response.writeHead(307, { location: elsewhere.origin }).end();
    expect(await errorOf(accessToken())).toMatchObject({ code: 'unexpected_answer', status: 307 });
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.close();
  });
});

describe('no answer', () => {
  it('is `timeout` after timeoutMs, `unreachable` without a server', async () => {
    grantkeeper.answer = () => undefined;
    client = grantkeeper.client({ timeoutMs: 50 });
    expect(await errorOf(accessToken())).toMatchObject({ code: 'timeout', status: undefined });
    client = grantkeeper.client({
      timeoutMs: 50,
      key: undefined,
      getKey: () => new Promise<string>(() => undefined),
    });
    expect(await errorOf(accessToken())).toMatchObject({ code: 'timeout' });
    client = grantkeeper.client({ url: 'http://127.0.0.1:1' });
    expect((await errorOf(accessToken())).code).toBe('unreachable');
  });

  it('is left alone by an abort signal, for this caller only', async () => {
    let answer = () => {};
    grantkeeper.answer = (request, response) => {
      answer = () => tokens()(request, response);
    };
    const abort = new AbortController();
    const [aborted, other] = [client.token('main', { signal: abort.signal }), client.token('main')];
    abort.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await eventually(async () => expect(grantkeeper.requests).toHaveLength(1));
    answer();
    expect((await other).access_token).toBe('token-1');
    await expect(client.token('main', { signal: abort.signal })).rejects.toThrow('enough');
  });
});

describe('reject', () => {
  it('reports the generation once, and serves that token no more', async () => {
    const token = await client.token('main');
    const [first, second] = await Promise.all([client.reject('main', token), client.reject('main', 1)]);
    expect([first, second]).toEqual([first, { generation: 2, renewed: true }]);
    expect(await accessToken()).toBe('token-2');
    expect(await client.reject('main', token)).toEqual({ generation: 2, renewed: false });
    expect(grantkeeper.requests.filter((request) => request.startsWith('POST'))).toEqual([
      'POST /v1/tenants/acme/connections/main/token/rejections',
    ]);
  });

  it('honours the Retry-After of a refusal, and does not keep the rejected token', async () => {
    const rejected = await client.token('main');
    grantkeeper.answer = problem(429, 'rate_limited', { 'retry-after': '30' });
    await errorOf(client.reject('main', rejected));
    expect((await errorOf(client.reject('main', rejected))).code).toBe('rate_limited');
    expect(grantkeeper.requests).toHaveLength(2);
    grantkeeper.answer = tokens();
    expect([await accessToken(), await accessToken()]).toEqual(['token-1', 'token-2']);
  });
});

describe('the key', () => {
  it('comes from an option, a file that is read each time, a function, or the environment', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gk-client-'));
    const keyFile = join(folder, 'key');
    const seen: unknown[] = [];
    grantkeeper.answer = (request, response) => {
      seen.push(request.headers.authorization);
      tokens()(request, response);
    };
    const read = (options: GrantkeeperClientOptions) =>
      new GrantkeeperClient(options).token('acme/main', { cache: false });
    const url = grantkeeper.origin;
    writeFileSync(keyFile, 'first\n');
    client = new GrantkeeperClient({ url, keyFile });
    await client.token('acme/main', { cache: false });
    writeFileSync(keyFile, 'second\n');
    await client.token('acme/main', { cache: false });
    await read({ url, getKey: async () => 'third' });
    Object.assign(process.env, { GRANTKEEPER_URL: `${url}/`, GRANTKEEPER_KEY: 'fourth' });
    await read({});
    delete process.env['GRANTKEEPER_KEY'];
    process.env['GRANTKEEPER_KEY_FILE'] = keyFile;
    await read({});
    expect(seen).toEqual(['first', 'second', 'third', 'fourth', 'second'].map((one) => `Bearer ${one}`));
    delete process.env['GRANTKEEPER_KEY_FILE'];
    delete process.env['GRANTKEEPER_URL'];
    rmSync(folder, { recursive: true });
  });

  it.each<[string, GrantkeeperClientOptions]>([
    ['no address', { url: undefined }],
    ['an address with a password', { url: `https://user:${key}@grantkeeper.test` }],
    ['another scheme', { url: 'ftp://grantkeeper.test' }],
    ['no key', { key: undefined }],
    ['two keys', { getKey: () => key }],
    ['a key of two lines', { key: `${key}\n${key}` }],
    ['a minTtl that is none', { minTtl: 86_401 }],
  ])('%s is refused at once', (_, options) => {
    expect(() => grantkeeper.client(options)).toThrow(expect.objectContaining({ code: 'configuration' }));
    expect(() => grantkeeper.client(options)).not.toThrow(/canary/);
  });

  it.each(['', 'a/b/c', '..', 'acme/', '/main', 'main?x', 'acme/..'])('%j is no connection', async (name) => {
    expect((await errorOf(client.token(name))).code).toBe('configuration');
    expect((await errorOf(new GrantkeeperClient({ url: grantkeeper.origin, key }).token('main'))).code).toBe(
      'configuration',
    );
  });

  it('and the token are in no error, and in nothing that shows the client', async () => {
    const secrets = /canaryOfTheKey|token-1/;
    await client.token('main');
    const sender = client.fetch('main');
    for (const shown of [client, sender, { client }]) {
      expect(inspect(shown, { depth: 9, showHidden: true })).not.toMatch(secrets);
      expect(JSON.stringify(shown) ?? '').not.toMatch(secrets);
    }
    const echo: ScriptedGrantkeeper['answer'] = (request, response) =>
      send(response, 400, { code: 'invalid_request', detail: request.headers.authorization, status: 400 });
    grantkeeper.answer = echo;
    const errors = [
      await errorOf(client.token('other')),
      await errorOf(grantkeeper.client({ key: undefined, getKey: () => `${key}\u0000` }).token('main')),
      await errorOf(grantkeeper.client({ key: undefined, keyFile: '/no/such/file' }).token('main')),
      await errorOf(grantkeeper.client({ fetch: () => Promise.reject(new Error(key)) }).token('main')),
    ];
    expect(errors.map(({ code }) => code)).toEqual([
      'invalid_request',
      'configuration',
      'configuration',
      'unreachable',
    ]);
    for (const error of errors) expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(secrets);
  });
});
