import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateApiKey } from '#access';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from '../contract/running-api.js';
import { descriptionAt } from '../support/api-client.js';
import type { Answer, Client } from '../support/http.js';
import { JwtIssuer, newSigningKey } from '../support/jwt-issuer.js';
import { contactCenterClient } from '../support/onboarding.js';
import { scaled } from '../support/scale.js';
import { type Access, accessTable, filled, type Ids } from './access-table.js';

interface Route extends Access {
  readonly name: string;
  readonly method: string;
  readonly path: string;
}

/** In whatever of globex can be named: no answer to a key of acme ever has it. */
const mark = 'globex-mark';
const madeUpRowId = '019a0000-0000-7000-8000-000000000000';

let api: RunningApi;
let issuer: JwtIssuer;
let acme: RunningTenant;
let globex: RunningTenant;
let routes: Route[];
/** Of routes that need no key, or have a way of their own to bring one. */
let others: string[];
let foreign: Ids;
/** By the letter of its role, and `w` for a workload with the role of a tenant_admin. */
let callers: Record<string, Client>;

const madeUp: Ids = {
  tenant: 'nobody-at-all',
  credential: 'made-up',
  connection: 'made-up',
  workload: 'made-up',
  apiKey: madeUpRowId,
  webhook: madeUpRowId,
  delivery: `msg_${madeUpRowId.replaceAll('-', '')}`,
};

beforeAll(async () => {
  issuer = await JwtIssuer.start(await newSigningKey('tenancy', 'ES256'));
  process.env['GRANTKEEPER_JWT_ISSUERS'] = JSON.stringify([{ issuer: issuer.url, audience: 'grantkeeper' }]);
  process.env['GRANTKEEPER_TRUSTED_PROXIES'] = '127.0.0.1';
  api = await runApi();
  [acme, globex] = await Promise.all([api.tenant('acme'), api.tenant('globex')]);
  const { document } = await descriptionAt(api.origin);
  const described = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { security }]) => {
      const name = `${method.toUpperCase()} ${path}`;
      const byKey = security === undefined || security.some((way) => 'key' in way);
      return { name, method: method.toUpperCase(), path, isMixed: !byKey || (security ?? []).some(isOpen) };
    }),
  );
  others = described.filter(({ isMixed }) => isMixed).map(({ name }) => name);
  routes = described
    .filter(({ isMixed }) => !isMixed)
    .map((route) => ({ roles: 'missing', ...route, ...accessTable[route.name] }));
  foreign = await fill(globex);
  const bind = { id: 'ci', issuer: issuer.url, match: { sub: 'ci' }, role: 'tenant_admin' };
  await expectStatus(201, acme.tenantAdmin('POST', `${acme.path}/workload_identities`, bind));
  callers = {
    p: api.admin,
    a: acme.tenantAdmin,
    c: acme.connector,
    r: acme.reader,
    w: api.as(await issuer.sign({ aud: 'grantkeeper', sub: 'ci' })),
  };
});
afterAll(async () => {
  delete process.env['GRANTKEEPER_JWT_ISSUERS'];
  delete process.env['GRANTKEEPER_TRUSTED_PROXIES'];
  await api.close();
  await issuer.close();
});

const isOpen = (way: object) => Object.keys(way).length === 0;

/** One of everything, under names that no other tenant has. */
async function fill({ path, slug, tenantAdmin }: RunningTenant): Promise<Ids> {
  const make = async (what: string, body: object) =>
    (await expectStatus(201, tenantAdmin('POST', `${path}/${what}`, body))).json;
  const url = `https://${mark}.example/hook`;
  const webhook = (await make('webhooks', { url })).id;
  const named = { id: mark, labels: { mark } };
  await make('credentials', { ...contactCenterClient, id: mark });
  await make('connections', { ...named, credential: mark, grant: 'client_credentials' });
  const match = { sub: mark };
  await make('workload_identities', { id: mark, issuer: issuer.url, match, role: 'connector' });
  const { id: apiKey } = await make('api_keys', { name: mark, role: 'connector' });
  const [delivery] = (await tenantAdmin('GET', `${path}/webhooks/${webhook}/deliveries`)).json.items;
  return {
    tenant: slug,
    credential: mark,
    connection: mark,
    workload: mark,
    apiKey,
    webhook,
    delivery: delivery.id,
  };
}

/** Everything of an answer but the time it was given. */
/** All of an answer but its date and the id of its request, which is no other's. */
function whole({ status, headers, text }: Answer) {
  const requestId = headers.get('x-request-id') ?? 'none';
  const more = [...headers].filter(([name]) => name !== 'date' && name !== 'x-request-id');
  return { status, text: text.replaceAll(requestId, ''), headers: more };
}

let strangers = 0;
/** From an address of its own: failures of one address are limited. */
function ask(caller: Client, { method, path, body }: Route, ids: Ids, text?: string): Promise<Answer> {
  strangers += 1;
  const address = `10.${(strangers >> 16) & 255}.${(strangers >> 8) & 255}.${strangers & 255}`;
  const headers = { 'x-forwarded-for': address };
  return caller(method, filled(path, ids), text ?? body?.(ids), headers);
}

/** Each pair of answers that differ, or are not what they should be. */
async function differences(
  chosen: readonly Route[],
  by: readonly string[],
  pair: readonly [Ids, Ids],
  wanted: (route: Route, letter: string) => number,
): Promise<string[]> {
  const found: string[] = [];
  for (const route of chosen) {
    for (const letter of by) {
      const [one, other] = [
        await ask(caller(letter), route, pair[0]),
        await ask(caller(letter), route, pair[1]),
      ];
      const where = `${letter} ${route.name}: ${one.status} and ${other.status}`;
      if (JSON.stringify(whole(one)) !== JSON.stringify(whole(other))) found.push(`${where} differ`);
      if (one.status !== wanted(route, letter)) found.push(`${where} instead of ${wanted(route, letter)}`);
      if (one.text.includes(mark)) found.push(`${where} leak`);
    }
  }
  return found;
}

function caller(letter: string): Client {
  const found = callers[letter];
  if (!found) throw new Error(`There is no caller ${letter}.`);
  return found;
}

const may = ({ roles }: Route, letter: string) => roles.includes(letter === 'w' ? 'a' : letter);
const isBatch = ({ path }: Route) => path.endsWith('/tokens');
const hasTenant = ({ path }: Route) => path.includes('{tenant}');
/** Routes that name something inside of their tenant, in the path or in the body. */
const namesMore = ({ path, body }: Route) =>
  (path.match(/\{/g)?.length ?? 0) > 1 ||
  (body !== undefined && JSON.stringify(body(madeUp)).includes('made-up'));

describe('every route that asks for a key', () => {
  it('is in the table, and the table has no other', () => {
    expect(routes.map(({ name }) => name).sort()).toEqual(Object.keys(accessTable).sort());
  });

  it('is not one of those that ask for none', () => {
    expect(others.sort()).toEqual([
      'GET /',
      'GET /.well-known/oauth-authorization-server',
      'GET /.well-known/oauth-authorization-server/v1/tenants/{tenant}/connections/{id}',
      'GET /console',
      'GET /console/sign_in',
      'GET /console/sso',
      'GET /console/sso/callback',
      'GET /console/sso/sign_out',
      'GET /docs',
      'GET /livez',
      'GET /metrics',
      'GET /openapi.json',
      'GET /readyz',
      'GET /v1/callback',
      'GET /v1/callback/{tenant}/{credential}',
      'GET /v1/connect/{session}',
      'POST /oauth2/token',
      'POST /v1/tenants/{tenant}/connections/{id}/oauth2/token',
    ]);
  });

  it('tells strangers nothing, and reads no body of theirs', async () => {
    const unknown = api.as(generateApiKey('platform_admin'));
    const found: string[] = [];
    for (const route of routes) {
      for (const [name, stranger] of Object.entries({ none: api.anonymous, unknown })) {
        const answers = [
          await ask(stranger, route, foreign),
          await ask(stranger, route, madeUp),
          ...(route.body ? [await ask(stranger, route, foreign, '{')] : []),
        ];
        const seen = new Set(answers.map((answer) => JSON.stringify(whole(answer))));
        if (seen.size > 1 || answers[0]?.status !== 401) found.push(`${name} ${route.name} ${[...seen]}`);
      }
    }
    expect(found).toEqual([]);
  });

  it('says by their role who may', async () => {
    const found: string[] = [];
    for (const route of routes) {
      for (const letter of Object.keys(callers)) {
        // An administrator of the platform would do it.
        const ids = { ...madeUp, tenant: letter === 'p' ? madeUp.tenant : acme.slug };
        const isMaking = route.method === 'POST' && !route.path.includes('{id}');
        const { status } = await ask(caller(letter), route, ids, isMaking && route.body ? '{}' : undefined);
        // A JWT does not say of which tenant it is: that is in the path, or it is nobody's.
        const wanted =
          letter === 'w' && !hasTenant(route) ? status === 401 : may(route, letter) !== (status === 403);
        if (!wanted || (status === 401 && letter !== 'w')) {
          found.push(`${letter} ${route.name}: ${status}`);
        }
      }
    }
    expect(found).toEqual([]);
  });
});

describe('what belongs to another tenant', () => {
  let before: string;
  beforeAll(async () => {
    before = await contents();
  });

  async function contents(): Promise<string> {
    const lists = ['', 'api_keys', 'credentials', 'connections', 'workload_identities', 'webhooks'];
    const answers = await Promise.all(
      lists.map((list) => api.admin('GET', `${globex.path}/${list}`.replace(/\/$/, ''))),
    );
    return answers.map(({ text }) => text).join('\n');
  }

  it('is not found, byte for byte as what does not exist', async () => {
    const chosen = routes.filter(hasTenant);
    expect(chosen.length).toBeGreaterThan(35);
    const letters = scaled(['a', 'r'], ['a', 'c', 'r', 'w']);
    const wanted = (_: Route, letter: string) => (letter === 'w' ? 401 : 404);
    expect(await differences(chosen, letters, [foreign, madeUp], wanted)).toEqual([]);
  });

  it('is not found from inside of a tenant either, whoever asks', async () => {
    const chosen = routes.filter((route) => hasTenant(route) && namesMore(route) && !isBatch(route));
    const pair = [
      { ...foreign, tenant: acme.slug },
      { ...madeUp, tenant: acme.slug },
    ] as const;
    const wanted = (route: Route, letter: string) => {
      if (!may(route, letter)) return 403;
      return route.path.includes('{id}') ? 404 : 400;
    };
    const letters = scaled(['p', 'a', 'r'], Object.keys(callers));
    expect(await differences(chosen, letters, pair, wanted)).toEqual([]);
  });

  it('is not in a batch: each item is that of a connection that does not exist', async () => {
    const read = async (connection: string) => {
      const items = await acme.reader('POST', `${acme.path}/tokens`, { connections: [connection] });
      const { status, text } = whole(items);
      return { status, text: text.replaceAll(connection, '') };
    };
    expect(await read(mark)).toEqual(await read('made-up'));
  });

  it('is an unknown target at the token endpoints', async () => {
    const key = (await acme.tenantAdmin('POST', `${acme.path}/api_keys`, { name: 'x', role: 'token_reader' }))
      .json;
    const client = { grant_type: 'client_credentials', client_id: key.id, client_secret: key.key };
    const request = async (path: string, more: Record<string, string> = {}) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const form = new URLSearchParams({ ...client, ...more }).toString();
      return whole(await api.anonymous('POST', path, form, headers));
    };
    const at = ({ tenant, connection }: Ids) => `/v1/tenants/${tenant}/connections/${connection}`;
    const refused = await request('/oauth2/token', { audience: 'nobody-at-all/made-up' });
    expect(refused).toMatchObject({ status: 400, text: expect.stringContaining('invalid_target') });
    for (const ids of [foreign, { ...foreign, tenant: 'acme' }, madeUp]) {
      expect(await request('/oauth2/token', { audience: `${ids.tenant}/${ids.connection}` })).toEqual(
        refused,
      );
      expect(await request('/oauth2/token', { resource: `${api.origin}${at(ids)}` })).toEqual(refused);
      expect(await request(`${at(ids)}/oauth2/token`)).toEqual(refused);
    }
  });

  it('is as it was', async () => {
    expect(await contents()).toBe(before);
    expect(before).toContain(mark);
  });
});

describe('inside of a tenant', () => {
  it('a reader narrowed to one connection reads that one', async () => {
    await acme.connect('one');
    await acme.connect('two');
    const body = { name: 'narrow', role: 'token_reader', connections: ['one'] };
    const narrow = api.as((await acme.tenantAdmin('POST', `${acme.path}/api_keys`, body)).json.key);
    const [one, two, three] = await Promise.all(
      ['one', 'two', 'three'].map((id) => narrow('GET', `${acme.path}/connections/${id}/token`)),
    );
    expect(one?.status).toBe(200);
    expect(two?.status).toBe(403);
    expect(three && whole(three)).toEqual(two && whole(two));
  });

  it('that is disabled keys are refused; the platform still manages it', async () => {
    const initech = await api.tenant('initech');
    await expectStatus(200, api.admin('PATCH', initech.path, { disabled: true }));
    await expectStatus(401, initech.tenantAdmin('GET', initech.path));
    expect((await api.admin('GET', `${initech.path}/credentials`)).status).toBe(200);
    await expectStatus(200, api.admin('PATCH', initech.path, { disabled: false }));
    await expectStatus(200, initech.tenantAdmin('GET', initech.path));
  });

  it('the replica that makes a change knows it at once, however late the notification is', async () => {
    const { slug, path, tenantAdmin, reader, connect } = await api.tenant('hooli');
    await connect('main');
    const body = { name: 'one more', role: 'token_reader' };
    const { key, id } = (await expectStatus(201, tenantAdmin('POST', `${path}/api_keys`, body))).json;
    const more = api.as(key);
    const read = (client: Client) => client('GET', `${path}/connections/main/token`);
    await expectStatus(200, read(reader));
    await expectStatus(200, read(more));
    await api.stopHearing();
    await expectStatus(204, tenantAdmin('DELETE', `${path}/api_keys/${id}`));
    await expectStatus(401, read(more));
    await api.stopHearing();
    await expectStatus(204, tenantAdmin('DELETE', `${path}/connections/main`));
    await expectStatus(404, read(reader));
    await api.stopHearing();
    await expectStatus(204, api.admin('DELETE', `/v1/tenants/${slug}`));
    await expectStatus(401, tenantAdmin('GET', path));
  });
});
