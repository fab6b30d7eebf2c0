import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../support/http.js';
import { type RunningApi, type RunningTenant, runApi } from './running-api.js';

let api: RunningApi;
let acme: RunningTenant;
/** All but the token endpoint, which takes no JSON and refuses in words of its own. */
let operations: { method: string; path: string }[];
beforeAll(async () => {
  api = await runApi();
  acme = await api.tenant('acme');
  await acme.connect('main');
  const document = (await api.anonymous('GET', '/openapi.json')).json as { paths: Record<string, object> };
  operations = Object.entries(document.paths)
    .filter(([path]) => !path.endsWith('/oauth2/token'))
    .flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
    );
});
afterAll(() => api.close());

const wellFormed: Readonly<Record<string, string>> = {
  tenant: 'acme',
  credential: 'client',
  session: 'x'.repeat(43),
  id: 'main',
  delivery: `msg_${'0'.repeat(32)}`,
};

/** The path once for each of its parameters, with that one odd. */
function oddPaths(path: string, odd: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, target]) =>
    path.replaceAll(/\{(\w+)\}/g, (_, name: string) => (name === target ? odd : (wellFormed[name] ?? 'x'))),
  );
}

describe('a path parameter that cannot be one', () => {
  it.each<[string, string, number]>([
    ['NUL', '%00', 404],
    ['NUL inside', 'ma%00in', 404],
    ['a line break', 'main%0a', 404],
    ['no percent-encoding', '%zz', 400],
    ['no UTF-8', '%ff', 400],
    ['half a surrogate pair', '%ed%a0%80', 400],
    ['another directory', '..%2f', 404],
    ['300 characters', 'a'.repeat(300), 404],
    ['upper case', 'MAIN', 404],
    ['a hyphen first', '-main', 404],
    ['an umlaut', '%C3%A4', 404],
  ])('%s', async (_, odd, status) => {
    const seen = await Promise.all(
      operations.flatMap(({ method, path }) =>
        oddPaths(path, odd).map(async (url) => {
          const body = ['POST', 'PATCH'].includes(method) ? {} : undefined;
          const answer = await api.admin(method, url, body);
          return `${answer.status} ${method} ${url}`;
        }),
      ),
    );
    expect(seen.length).toBeGreaterThan(40);
    expect(seen.filter((line) => !line.startsWith(`${status} `))).toEqual([]);
  });

  it('is told to nobody without a key', async () => {
    expect((await api.anonymous('GET', '/v1/tenants/%00/connections/%00/token')).status).toBe(401);
    expect((await api.anonymous('GET', '/v1/tenants/%00')).status).toBe(401);
  });

  it('is the same 404 as what does not exist', async () => {
    const [odd, missing] = [
      await acme.reader('GET', `${acme.path}/connections/%00/token`),
      await acme.reader('GET', `${acme.path}/connections/missing/token`),
    ];
    const told = ({ json: { request_id, ...problem } }: Answer) => problem;
    expect({ ...told(odd), status: odd.status }).toEqual({ ...told(missing), status: 404 });
  });
});

describe('what PostgreSQL cannot hold', () => {
  it.each(['%00', 'a%00b', '%01'])('a subject of %s', async (value) => {
    const { status, json } = await api.admin('GET', `${acme.path}/connections?subject=${value}`);
    expect({ status, errors: json.errors }).toMatchObject({ status: 400, errors: [{ field: 'subject' }] });
  });

  it.each(['cursor', 'limit', 'status', 'provider', 'credential', 'verify', 'a%00b'])(
    'the query parameter %s',
    async (name) => {
      for (const value of ['%00', 'a%00b', '%01', '%zz', '%ff', '%ed%a0%80']) {
        for (const { path } of operations.filter(({ method }) => method === 'GET')) {
          if (!/(connections|credentials|api_keys|webhooks|tenants|audit_events|token|events)$/.test(path))
            continue;
          const url = path.replaceAll(/\{(\w+)\}/g, (_, part: string) => wellFormed[part] ?? 'x');
          const { status, json } = await api.admin('GET', `${url}?${name}=${value}`);
          expect(`${status} ${json.code} ${url}`).toBe(`400 invalid_request ${url}`);
        }
      }
    },
  );

  it('in any text of any body', async () => {
    const writing = operations.filter(({ method }) => ['POST', 'PATCH'].includes(method));
    expect(writing.length).toBeGreaterThan(10);
    for (const { method, path } of writing) {
      const url = path.replaceAll(/\{(\w+)\}/g, (_, part: string) => wellFormed[part] ?? 'x');
      for (const body of [
        '{"x":"\\u0000"}',
        '{"settings":{"deep":["a\\u0000"]}}',
        '{"\\u0000":1}',
        '{"x":"\\ud800"}',
      ]) {
        const headers = { 'content-type': 'application/json' };
        const { status, json } = await api.admin(method, url, body, headers);
        expect(`${status} ${json.code} ${method} ${url}`).toBe(`400 invalid_request ${method} ${url}`);
      }
    }
  });
});
