import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PROVIDER_REGISTRY, type ProviderRegistry } from '#provider-kit';
import { RouteTable } from '../../apps/api/http/route-table.js';
import { openApiPath } from '../../apps/api/openapi/openapi-document.js';
import { type RunningApi, runApi } from './running-api.js';

let api: RunningApi;
// biome-ignore lint/suspicious/noExplicitAny: the document is walked by hand
let document: any;
beforeAll(async () => {
  api = await runApi();
  document = (await api.anonymous('GET', '/openapi.json')).json;
});
afterAll(() => api.close());

/** Files of the documentation page itself. */
const isPage = (path: string) => path.startsWith('/docs/');

describe('/openapi.json', () => {
  it('is 3.1', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
  });

  it('names every route, and no other', () => {
    const served = api.app
      .get(RouteTable)
      .list()
      .filter(({ path }) => !isPage(path))
      .flatMap(({ path, methods }) =>
        [...methods]
          .filter((method) => method !== 'HEAD' && method !== 'OPTIONS')
          // A proxy asks with the method of the request it asks about.
          .filter((method) => method === 'GET' || !path.endsWith('/forward_auth'))
          .map((method) => `${method} ${openApiPath(path)}`),
      );
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations as object).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual([...new Set(served)].sort());
    expect(described).toContain('GET /v1/tenants/{tenant}/connections/{id}/token');
  });

  it('describes each body that is sent, and every parameter of each path', () => {
    // biome-ignore lint/suspicious/noExplicitAny: the document is walked by hand
    for (const [path, operations] of Object.entries<Record<string, any>>(document.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        const where = `${method} ${path}`;
        const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
        const described = (operation.parameters ?? []).filter((p: { in: string }) => p.in === 'path');
        expect([where, described.map((p: { name: string }) => p.name).sort()]).toEqual([where, names]);
        expect([where, typeof operation.summary]).toEqual([where, 'string']);
      }
    }
    const schema = document.paths['/v1/tenants'].post.requestBody.content['application/json'].schema;
    expect(schema).toMatchObject({
      type: 'object',
      required: expect.arrayContaining(['id', 'name']),
      additionalProperties: false,
    });
  });

  it('names every field that a provider asks of a new connection', () => {
    const asked = api.app
      .get<ProviderRegistry>(PROVIDER_REGISTRY, { strict: false })
      .list()
      .flatMap(({ descriptor: { grantFields = {}, subjectFields = {} } }) => [
        ...Object.values(grantFields).flatMap(({ shape }) => Object.keys(shape)),
        ...Object.values(subjectFields),
      ]);
    expect(asked).toContain('phone_number');
    const { schema } =
      document.paths['/v1/tenants/{tenant}/connections'].post.requestBody.content['application/json'];
    expect(asked.filter((field) => !(field in schema.properties))).toEqual([]);
  });

  it('lists statuses one by one, and says what each refusal looks like', () => {
    const problem = '#/components/schemas/Problem';
    const { responses } = document.components;
    // biome-ignore lint/suspicious/noExplicitAny: the document is walked by hand
    for (const [path, operations] of Object.entries<Record<string, any>>(document.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        for (const [status, answer] of Object.entries<{ $ref?: string; content?: object; headers?: object }>(
          operation.responses,
        )) {
          const { content = {}, headers = {} } = answer.$ref
            ? responses[answer.$ref.split('/').at(-1) ?? '']
            : answer;
          expect([method, path, status]).toEqual([method, path, expect.stringMatching(/^[2-5]\d\d$/)]);
          expect(headers).toHaveProperty('X-Request-Id');
          if (Number(status) >= 400) expect(Object.keys(content)).not.toEqual([]);
        }
        expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['400', '431', '500']));
      }
    }
    expect(JSON.stringify(responses)).toContain(`"$ref":"${problem}"`);
    const { id, expires_at } =
      document.paths['/v1/api_keys/{id}'].get.responses[200].content['application/json'].schema.properties;
    expect(id.format).toBe('uuid');
    expect(JSON.stringify(expires_at)).toContain('"date-time"');
  });

  it('has no reference that leads nowhere', () => {
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"#\/components\/(?:schemas|responses)\/([^"]+)"/g)) {
      expect({ ...document.components.schemas, ...document.components.responses }).toHaveProperty([
        name ?? '',
      ]);
    }
  });
});

describe('runbooks', () => {
  it('call only what the API has', () => {
    const folder = new URL('../../docs/runbooks/', import.meta.url);
    const patterns = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations as object).map(
        (method) => new RegExp(`^${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, '\\$[A-Z]+')}$`),
      ),
    );
    const calls = readdirSync(folder).flatMap((name) =>
      [...readFileSync(new URL(name, folder), 'utf8').matchAll(/^ *curl .*$/gm)].map(([line]) => {
        const method = / -X (\w+) /.exec(line)?.[1] ?? 'GET';
        return `${method} ${/"\$GRANTKEEPER_URL(\/[^"?]*)/.exec(line)?.[1]}`;
      }),
    );
    expect(calls.length).toBeGreaterThan(10);
    expect(calls.filter((call) => !patterns.some((pattern) => pattern.test(call)))).toEqual([]);
  });
});

describe('/docs', () => {
  it('is a page whose assets come from here', async () => {
    const page = await api.anonymous('GET', '/docs');
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.text).not.toMatch(/(?:src|href)="https?:/);
    const assets = [...page.text.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, path]) => path);
    expect(assets.length).toBeGreaterThan(2);
    for (const asset of assets) expect((await api.anonymous('GET', `/${asset}`)).status).toBe(200);
  });
});
