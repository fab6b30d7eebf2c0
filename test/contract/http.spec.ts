import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateApiKey } from '#access';
import { createApi } from '../../apps/api/api.js';
import { flowCookie, flowCookies } from '../../apps/api/connect/flow-cookie.js';
import { clientOf } from '../support/http.js';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from './running-api.js';

let api: RunningApi;
let acme: RunningTenant;
beforeAll(async () => {
  api = await runApi();
  acme = await api.tenant('acme');
  await acme.connect();
});
afterAll(() => api.close());

/** Sends what no client library would. */
function raw(text: string): Promise<{ head: string; body: string }> {
  const { hostname, port } = new URL(api.origin);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.on('data', (data) => {
      answer += data;
    });
    socket.on('error', reject);
    socket.on('close', () => {
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      resolve({ head, body });
    });
  });
}

/** Begins a code flow of acme's. @returns the link for a browser */
async function link(): Promise<string> {
  const server = 'https://server.example.com';
  const settings = {
    authorization_endpoint: `${server}/authorize`,
    token_endpoint: `${server}/token`,
    return_urls: ['https://app.example.com/'],
  };
  const credential = { id: 'code', provider: 'generic-oauth2', client_id: 'a', client_secret: 'b', settings };
  await expectStatus(201, api.admin('POST', `${acme.path}/credentials`, credential));
  const grant = {
    credential: 'code',
    grant: 'authorization_code',
    return_url: 'https://app.example.com/',
  };
  const { json } = await expectStatus(202, acme.connector('POST', `${acme.path}/connections`, grant));
  return json.authorization_url;
}

describe('every answer', () => {
  it('is no page: browsers do not guess its type, frame it or let another origin read it', async () => {
    const token = `${acme.path}/connections/main/token`;
    const answers = [
      await acme.reader('GET', token),
      await acme.reader('GET', token),
      await api.anonymous('GET', '/livez'),
      await api.anonymous('GET', '/nowhere'),
      await api.anonymous('GET', '/v1/tenants/%zz'),
      await api.anonymous('GET', '/v1/callback?state=x'),
      await api.anonymous('GET', '/openapi.json'),
      await api.anonymous('GET', '/docs'),
      await api.admin('POST', '/v1/tenants', 'not JSON'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 404, 400, 400, 200, 200, 400]);
    for (const { headers } of answers) {
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('strict-transport-security')).toBeNull();
      expect(headers.get('content-security-policy')).toMatch(/^default-src .*; frame-ancestors 'none'$/);
    }
    const origin = { origin: 'https://elsewhere.example' };
    const preflight = { ...origin, 'access-control-request-method': 'GET' };
    for (const [method, headers] of [
      ['GET', origin],
      ['OPTIONS', preflight],
    ] as const) {
      const answer = await acme.reader(method, token, undefined, headers);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('of a page names no base and no form, and /docs is framed by nobody', async () => {
    const page = await api.anonymous('GET', '/v1/callback?state=x');
    const docs = await api.anonymous('GET', '/docs');
    for (const { headers } of [page, docs]) {
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/^default-src '(?:none|self)'; /);
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      for (const rule of ["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"])
        expect(policy).toContain(rule);
    }
    expect(docs.headers.get('x-frame-options')).toBe('DENY');
    // Its policy allows no script inside of the page, so there must be none.
    for (const [, attributes, script = ''] of docs.text.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)) {
      expect(attributes).toContain('src=');
      expect(script.trim()).toBe('');
    }
  });
});

describe('a body', () => {
  it.each([
    ['no key', {}],
    ['a key that does not exist', { authorization: `Bearer ${generateApiKey('tenant_admin')}` }],
  ])('of a stranger with %s is not read: 401 comes before it ends', async (_, headers) => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(`${api.origin}${acme.path}/connections`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', 'content-length': 1_000_000 },
      });
      sent.on('response', ({ statusCode }) => {
        resolve(statusCode);
        sent.destroy();
      });
      sent.on('error', reject);
      sent.write('{');
    });
    expect(status).toBe(401);
  });

  it('that is too large, of another type or broken, is a matter of known callers', async () => {
    const path = `${acme.path}/connections`;
    const large = JSON.stringify({ x: 'x'.repeat(1_000_000) });
    expect((await api.anonymous('POST', path, large)).status).toBe(401);
    expect((await acme.connector('POST', path, large)).status).toBe(413);
    const text = { 'content-type': 'text/plain' };
    expect((await api.anonymous('POST', path, 'x', text)).status).toBe(401);
    expect((await acme.connector('POST', path, 'x', text)).status).toBe(415);
    expect((await api.anonymous('POST', path, '{')).status).toBe(401);
    expect((await acme.connector('POST', path, '{')).status).toBe(400);
  });
});

describe('what is no request', () => {
  it.each([
    [431, 'headers_too_large', `GET /livez HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`],
    [400, 'invalid_request', 'nonsense\r\n\r\n'],
    [
      400,
      'invalid_request',
      'POST /v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [400, 'invalid_request', 'GET /livez HTTP/1.1\r\nHost: x\r\nBad Header: x\r\n\r\n'],
  ])('is a problem like any other: %i', async (status, code, text) => {
    const { head, body } = await raw(text);
    expect(head).toContain(`HTTP/1.1 ${status} `);
    expect(head).toContain('content-type: application/problem+json');
    expect(head).toContain('x-content-type-options: nosniff');
    expect(JSON.parse(body)).toMatchObject({ status, code, type: `urn:grantkeeper:problem:${code}` });
  });
});

it('an answer to HEAD has no body, not even where the request could not be read', async () => {
  const { head, body } = await raw(
    `HEAD /livez HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`,
  );
  expect(head).toContain('HTTP/1.1 431 ');
  expect(body).toBe('');
});

it('TRACE gives nothing back', async () => {
  const { head, body } = await raw(
    `TRACE ${acme.path} HTTP/1.1\r\nHost: x\r\nX-Private: canary\r\nConnection: close\r\n\r\n`,
  );
  expect(head).toMatch(/^HTTP\/1\.1 40[145] /);
  expect(body).not.toContain('canary');
});

// At the end: the strategies of passport are one list for the process, and the second API takes them with it.
describe('behind https', () => {
  it('browsers are told to stay with it, and /docs can be switched off', async () => {
    Object.assign(process.env, {
      GRANTKEEPER_PUBLIC_URL: 'https://grantkeeper.example.com',
      GRANTKEEPER_DOCS: 'false',
    });
    const app = await createApi({ logger: false });
    await app.listen(0, '127.0.0.1');
    try {
      const { port } = app.getHttpServer().address() as { port: number };
      const client = clientOf(`http://127.0.0.1:${port}`);
      const livez = await client('GET', '/livez');
      expect(livez.headers.get('strict-transport-security')).toBe('max-age=31536000');
      expect((await client('GET', '/docs')).status).toBe(404);
      expect((await client('GET', '/docs/')).status).toBe(404);
      expect((await client('GET', '/openapi.json')).status).toBe(200);
      const opened = await client('GET', new URL(await link()).pathname);
      const set = opened.headers.get('set-cookie') ?? '';
      expect(set).toMatch(/^__Host-gk_flow_\w+=.{20,}; Path=\/; HttpOnly; .*; Secure$/);
      const state = new URL(opened.headers.get('location') ?? '').searchParams.get('state');
      const denied = `/v1/callback/acme/code?state=${state}&error=access_denied`;
      const back = await client('GET', denied, undefined, { cookie: set.split(';', 1)[0] ?? '' });
      const cleared = /^__Host-gk_flow_\w+=; Max-Age=0; .*; Secure$/;
      expect([back.status, back.headers.get('set-cookie')]).toEqual([303, expect.stringMatching(cleared)]);
    } finally {
      await app.close();
    }
  });

  it('the cookie of a flow belongs to this host alone', () => {
    const secure = flowCookie('value-1', 600, true);
    expect(secure).toMatch(/^__Host-gk_flow_[0-9a-f]{12}=value-1; Max-Age=600; Path=\/; .*; Secure$/);
    const plain = flowCookie('value-2', 600, false);
    expect(plain).toMatch(/^gk_flow_[0-9a-f]{12}=value-2; Max-Age=600; Path=\/v1\/callback; /);
    const header = [secure, plain, 'other=x'].map((cookie) => cookie.split(';', 1)[0]).join('; ');
    expect(flowCookies(header)).toEqual(['value-1', 'value-2']);
  });
});
