import { readFileSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import axios from 'axios';
import { Agent, type Dispatcher, interceptors, request, fetch as undiciFetch } from 'undici';
import { GrantkeeperClient, GrantkeeperError } from '#client';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from '../contract/running-api.js';
import { clientTypes } from '../support/client-types.js';
import { type DemandingUpstream, demandingUpstream } from '../support/demanding-upstream.js';
import { JwtIssuer, newSigningKey } from '../support/jwt-issuer.js';
import { nodes, OutsideProject } from '../support/outside-project.js';

const account = 'system:serviceaccount:payments:mailer';
let cluster: JwtIssuer;
let api: RunningApi;
let acme: RunningTenant;
let key: string;
let upstream: DemandingUpstream;
/** Another host, from which the token must be kept. */
let other: DemandingUpstream;
beforeAll(async () => {
  cluster = await JwtIssuer.start(await newSigningKey('cluster-1'));
  process.env['GRANTKEEPER_JWT_ISSUERS'] = JSON.stringify([{ issuer: cluster.url, audience: 'grantkeeper' }]);
  api = await runApi();
  acme = await api.tenant('acme');
  await acme.connect('main');
  const body = { name: 'client', role: 'token_reader' };
  key = (await expectStatus(201, acme.tenantAdmin('POST', `${acme.path}/api_keys`, body))).json.key;
  upstream = await demandingUpstream(api.sandbox);
  other = await demandingUpstream(api.sandbox);
});
afterAll(async () => {
  delete process.env['GRANTKEEPER_JWT_ISSUERS'];
  await Promise.all([upstream.close(), other.close()]);
  await api.close();
  await cluster.close();
});

/** Calls of a client to Grantkeeper: `GET token`, `POST rejections`. */
let calls: string[];
let failures: unknown[];
let client: GrantkeeperClient;
let connection: string;
let made = 0;
beforeEach(async () => {
  calls = [];
  failures = [];
  client = new GrantkeeperClient({
    url: api.origin,
    key,
    tenant: 'acme',
    fetch: (url, init) => {
      calls.push(`${init?.method} ${new URL(String(url)).pathname.split('/').at(-1)}`);
      return fetch(url, init);
    },
    onBackgroundError: (error) => failures.push(error),
  });
  for (const server of [upstream, other]) {
    server.requests.length = 0;
    server.refusesAll = false;
  }
  // A rejection renews a connection once in 30 seconds: each test has one of its own.
  connection = `c-${++made}`;
  await acme.connect(connection);
});

describe('the package', () => {
  it('has the types that /openapi.json describes', async () => {
    const types = clientTypes((await api.anonymous('GET', '/openapi.json')).json);
    const path = 'libs/client/api-types.ts';
    if (process.env['UPDATE_TYPES']) writeFileSync(path, types);
    expect(readFileSync(path, 'utf8')).toBe(types);
  });

  it('reads what the API answers, and understands its refusals', async () => {
    const { json } = await acme.reader('GET', `${acme.path}/connections/main/token`);
    const { expires_in, ...token } = await client.token('main');
    expect({ ...token, expires_in: expect.any(Number) }).toEqual({ ...json, expires_in: expect.any(Number) });
    expect(await client.reject('main', token.generation)).toEqual({
      generation: token.generation + 1,
      renewed: true,
    });
    expect((await client.token('main')).generation).toBe(token.generation + 1);
    await expect(client.token('none')).rejects.toMatchObject({ code: 'not_found', status: 404 });
    await expect(client.reject('main', 99)).rejects.toMatchObject({ code: 'invalid_request', status: 400 });
    const stranger = new GrantkeeperClient({ url: api.origin, key: 'gk_r_stranger' });
    const error = await stranger.token('acme/main').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GrantkeeperError);
    expect(error).toMatchObject({ code: 'unauthenticated', status: 401 });
  });

  it('authenticates by a workload JWT', async () => {
    const identity = { issuer: cluster.url, match: { sub: account }, role: 'token_reader' };
    await expectStatus(201, acme.tenantAdmin('POST', `${acme.path}/workload_identities`, identity));
    const getKey = () => cluster.sign({ sub: account });
    const workload = new GrantkeeperClient({ url: api.origin, getKey, tenant: 'acme' });
    expect(await workload.token('main')).toMatchObject({ token_type: 'bearer' });
  });
});

describe('from its tarball, in another project', () => {
  let project: OutsideProject;
  beforeAll(async () => {
    project = await OutsideProject.make();
  }, 150_000);
  afterAll(() => project?.remove());

  const program = [
    'const client = new GrantkeeperClient({ tenant: "acme" });',
    'client.token("none").catch((error) => client.token("main").then(({ token_type, generation }) =>',
    '  console.log(error instanceof GrantkeeperError, error.code, token_type, generation > 0)));',
  ].join('\n');
  const names = '{ GrantkeeperClient, GrantkeeperError }';

  it.each(nodes)('is imported and required by %s', async (node) => {
    project.write('esm.mjs', `import ${names} from '@grantkeeper/client';\n${program}`);
    project.write('cjs.cjs', `const ${names} = require('@grantkeeper/client');\n${program}`);
    const environment = { GRANTKEEPER_URL: api.origin, GRANTKEEPER_KEY: key };
    for (const file of ['esm.mjs', 'cjs.cjs'])
      expect(await project.run(node, [file], environment)).toBe('true not_found bearer true\n');
  });

  it('has types for both, and those of the examples in docs/client.md', async () => {
    const examples = [...readFileSync('docs/client.md', 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)];
    expect(examples.length).toBeGreaterThan(4);
    const files = examples.flatMap(([, code = ''], index) => {
      // The first one makes the client that the others use.
      const lines = `${index === 0 ? '' : examples[0]?.[1]}${code}`.split('\n');
      const [imports, others] = [true, false].map((isImport) =>
        lines.filter((line) => line.startsWith('import ') === isImport).join('\n'),
      );
      const text = `${imports}\nexport async function example() {\n${others}\nreturn grantkeeper;\n}\n`;
      return ['mts', 'cts'].map((extension) => project.write(`example-${index}.${extension}`, text));
    });
    expect(await project.typecheck('node16', files)).toBe('');
    const wrong = project.write('wrong.mts', "import { Nothing } from '@grantkeeper/client';\nNothing;\n");
    const findings = await project.typecheck('nodenext', [...files.slice(0, 2), wrong]);
    expect(findings.trim().split('\n')).toEqual([expect.stringMatching(/^wrong\.mts.* 'Nothing'/)]);
  }, 150_000);

  it('needs no other package', () => {
    const { dependencies, peerDependencies, optionalDependencies } = project.manifest();
    expect([dependencies, peerDependencies, optionalDependencies]).toEqual([undefined, undefined, undefined]);
  });
});

interface Sent {
  readonly status: number;
  readonly text: string;
}
type Send = (url: string, body?: string | Readable) => Promise<Sent>;

const methodOf = (body: unknown) => (body === undefined ? 'GET' : 'POST');
const axiosOf = (options: object) => axios.create({ responseType: 'text', ...options });

function fetchBy(sender: typeof fetch): Send {
  return async (url, body) => {
    const init = body === undefined ? {} : { method: 'POST', body: body as string, duplex: 'half' as const };
    const response = await sender(url, init);
    return { status: response.status, text: await response.text() };
  };
}

const redirects = interceptors.redirect({ maxRedirections: 3 });

function requestBy(dispatcher: Dispatcher): Send {
  return async (url, body) => {
    const answer = await request(url, { method: methodOf(body), body: body ?? null, dispatcher });
    return { status: answer.statusCode, text: await answer.body.text() };
  };
}

/** Each attachment, as a service would use it. */
const attachments: Record<string, () => Send> = {
  fetch: () => fetchBy(client.fetch(connection)),
  axios: () => {
    const http = client.attachAxios(axiosOf({ validateStatus: null }), connection);
    return async (url, data) => {
      const { status, data: text } = await http.request({ url, method: methodOf(data), data });
      return { status, text };
    };
  },
  'axios that throws': () => {
    const http = client.attachAxios(axiosOf({}), connection);
    return async (url, data) => {
      const sent = http.request({ url, method: methodOf(data), data });
      const { status, data: text } = await sent.catch((error) => error.response);
      return { status, text };
    };
  },
  // Each request of a redirect goes through the interceptor.
  undici: () => requestBy(new Agent().compose(client.undici(connection, upstream.origin), redirects)),
  'undici, redirects inside': () =>
    requestBy(new Agent().compose(redirects, client.undici(connection, upstream.origin))),
};

describe.each(Object.keys(attachments))('%s', (name) => {
  let sendTo: Send;
  beforeEach(() => {
    const attach = attachments[name];
    if (attach) sendTo = attach();
  });
  const reports = () => calls.filter((call) => call === 'POST rejections').length;
  const refuseToken = async () => upstream.refused.add((await client.token(connection)).access_token);

  it('sends the token, which is read once', async () => {
    expect(await sendTo(upstream.origin)).toEqual({ status: 200, text: 'welcome ' });
    expect(await sendTo(upstream.origin, 'b')).toEqual({ status: 200, text: 'welcome b' });
    expect(calls).toEqual(['GET token']);
  });

  it('reports a 401 once for all requests it answers, and sends each again with the next token', async () => {
    await refuseToken();
    const all = await Promise.all(
      Array.from({ length: 5 }, (_, index) => sendTo(upstream.origin, `{"n":${index}}`)),
    );
    expect(all).toEqual(all.map((_, index) => ({ status: 200, text: `welcome {"n":${index}}` })));
    expect(upstream.requests).toHaveLength(10);
    expect(calls).toEqual(['GET token', 'POST rejections', 'GET token']);
  });

  it('never tries a second time', async () => {
    upstream.refusesAll = true;
    const { status, text } = await sendTo(upstream.origin);
    expect([status, text.length]).toEqual([401, 200_008]);
    expect(upstream.requests).toHaveLength(2);
    expect(reports()).toBe(1);
    // Now the report is refused: one in 30 seconds.
    expect((await sendTo(upstream.origin)).status).toBe(401);
    expect(upstream.requests).toHaveLength(3);
    expect(failures).toMatchObject([{ code: 'rate_limited' }]);
  });

  it('reports a 401 to a stream, and does not send it again', async () => {
    await refuseToken();
    const sent = await sendTo(upstream.origin, Readable.from(['stream']));
    expect(sent.status).toBe(401);
    expect(upstream.requests.map(({ body }) => body)).toEqual(['stream']);
    expect(reports()).toBe(1);
    expect((await sendTo(upstream.origin)).status).toBe(200);
  });

  it('sends the token to no other host, and reports no 401 of one', async () => {
    const { status } = await sendTo(`${upstream.origin}/redirect?to=${encodeURIComponent(other.origin)}`);
    expect(status).toBe(401);
    expect(other.requests).toEqual([{ authorization: undefined, body: '' }]);
    expect(upstream.requests).toHaveLength(1);
    expect(reports()).toBe(0);
  });
});

describe('other ways to send', () => {
  it('fetch keeps headers, takes a Request, and another fetch', async () => {
    const sender = client.fetch(connection, undiciFetch);
    expect((await sender(upstream.origin, { headers: { 'x-a': '1' } })).status).toBe(200);
    const request = new Request(upstream.origin, {
      method: 'POST',
      body: 'r',
      headers: { authorization: 'Basic x' },
    });
    expect(await (await client.fetch(connection)(request)).text()).toBe('welcome r');
  });

  it('fetch through a dispatcher with the interceptor sends the token to no other host', async () => {
    const dispatcher = new Agent().compose(client.undici(connection, [upstream.origin]));
    const sender: typeof undiciFetch = (url, init) => undiciFetch(url, { ...init, dispatcher });
    expect(await (await sender(upstream.origin, { method: 'POST', body: 'f' })).text()).toBe('welcome f');
    const { status } = await sender(`${upstream.origin}/redirect?to=${other.origin}`);
    expect([status, other.requests]).toEqual([401, [{ authorization: undefined, body: '' }]]);
  });

  it('an abort signal ends the wait for a token, and the request', async () => {
    const sender = client.fetch(connection);
    await expect(sender(upstream.origin, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
    expect(upstream.requests).toEqual([]);
  });

  it('without a token there is no request, and the error says why', async () => {
    const none = { code: 'not_found' };
    await expect(client.fetch('none')(upstream.origin)).rejects.toMatchObject(none);
    await expect(client.attachAxios(axios.create(), 'none').get(upstream.origin)).rejects.toMatchObject(none);
    const dispatcher = new Agent().compose(client.undici('none', upstream.origin));
    await expect(request(upstream.origin, { dispatcher })).rejects.toMatchObject(none);
    expect(upstream.requests).toEqual([]);
  });
});
