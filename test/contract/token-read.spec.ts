import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { ChangeFeed } from '#vault';
import { apiClientOf } from '../support/api-client.js';
import { watchAtOnce, whole } from '../support/at-once.js';
import { type RunningApi, type RunningTenant, runApi } from './running-api.js';

let api: RunningApi;
let acme: RunningTenant;
let path: string;
/** Whether the last request was answered without the framework. */
let atOnce: () => boolean;

beforeAll(async () => {
  api = await runApi();
  acme = await api.tenant('acme');
  await acme.connect('main');
  path = `${acme.path}/connections/main/token`;
  atOnce = watchAtOnce(api);
});
beforeEach(() =>
  eventually(async () => {
    expect((await acme.reader('GET', path)).status).toBe(200);
    expect(atOnce()).toBe(true);
  }),
);
afterAll(() => api.close());

async function readerKey(): Promise<string> {
  const made = await acme.tenantAdmin('POST', `${acme.path}/api_keys`, { name: 'r', role: 'token_reader' });
  return made.json.key;
}

describe('a token in memory', () => {
  it('is answered the same with and without the framework', () =>
    eventually(async () => {
      const short = await acme.reader('GET', `${path}?min_ttl=60`);
      expect(atOnce()).toBe(true);
      const long = await acme.reader('GET', `${path}?min_ttl=6%30`);
      expect(atOnce()).toBe(false);
      expect(whole(short)).toEqual(whole(long));
      expect(short).toMatchObject({ status: 200, json: { token_type: 'bearer', generation: 1 } });
    }));

  it.each([
    ['GET', '?min_ttl=86401', 400],
    ['GET', '?min_ttl=', 400],
    ['GET', '?min_ttl=1&min_ttl=1', 400],
    ['GET', '?max_ttl=1', 400],
    ['POST', '', 405],
    ['HEAD', '', 405],
    ['GET', '/', 404],
  ])("%s …/token%s is the route's to answer: %d", async (method, rest, status) => {
    const answer = await acme.reader(method, path + rest);
    expect(answer.status).toBe(status);
    expect(atOnce()).toBe(false);
  });

  it('is for nobody who may not read it', async () => {
    const other = await api.tenant('other');
    const refused = {
      anonymous: api.anonymous,
      wrong: apiClientOf(api.origin, 'gk_r_no'),
      connector: acme.connector,
      other: other.reader,
    };
    const statuses = Object.entries(refused).map(async ([who, client]) => {
      // The second time the caller is in memory too.
      await client('GET', path);
      return [who, (await client('GET', path)).status];
    });
    expect(Object.fromEntries(await Promise.all(statuses))).toEqual({
      anonymous: 401,
      wrong: 401,
      connector: 403,
      other: 404,
    });
  });

  it.each(['connection', 'tenant'] as const)(
    'is asked for anew as soon as its %s has changed',
    async (kind) => {
      const [{ id }] = (await api.database.query(
        kind === 'tenant'
          ? "select id from gk.tenants where slug = 'acme'"
          : "select c.id from gk.connections c join gk.tenants t on t.id = c.tenant_id where t.slug = 'acme'",
      )) as [{ id: string }];
      // One socket, of which the last answer is remembered for a moment.
      const read = async () => {
        const head = `GET ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${key}\r\n\r\n`;
        socket.write(head);
        await once(socket, 'data');
        return atOnce();
      };
      const key = await readerKey();
      const socket = connect(Number(new URL(api.origin).port), '127.0.0.1');
      await eventually(async () => expect(await read()).toBe(true));
      expect(await read()).toBe(true);
      api.app.get(ChangeFeed).tellHere({ kind, id });
      expect(await read()).toBe(false);
      socket.destroy();
    },
  );

  it('is answered at once to platform administrators, whom a change of the tenant reaches within a second', async () => {
    const gone = await api.tenant('gone');
    await gone.connect('main');
    const read = () => api.admin('GET', `${gone.path}/connections/main/token`);
    const isAtOnce = async () => {
      expect((await read()).status).toBe(200);
      expect(atOnce()).toBe(true);
    };
    await eventually(isAtOnce);
    expect((await api.admin('PATCH', gone.path, { disabled: true })).status).toBe(200);
    await eventually(isAtOnce);
    await api.database.query("update gk.tenants set slug = 'moved' where slug = 'gone'");
    // Its token is in memory under the new name.
    const moved = () => api.admin('GET', '/v1/tenants/moved/connections/main/token');
    await eventually(async () => expect((await moved()).status).toBe(200));
    await eventually(async () => expect((await read()).status).toBe(404), 1_000);
    await api.database.query("update gk.tenants set slug = 'gone' where slug = 'moved'");
    await eventually(isAtOnce);
    expect((await api.admin('DELETE', gone.path)).status).toBe(204);
    await eventually(async () => expect((await read()).status).toBe(404), 1_000);
  });

  it('says that the connection closes, once the process is told to stop', async () => {
    const key = await readerKey();
    const request = `GET ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${key}\r\n\r\n`;
    const socket = connect(Number(new URL(api.origin).port), '127.0.0.1');
    let heard = '';
    socket.setEncoding('utf8').on('data', (text) => {
      heard += text;
    });
    socket.write(request);
    await eventually(() => expect(heard).toMatch(/connection: keep-alive/i));
    heard = '';
    // One that is under way is served to its end.
    socket.write(request.slice(0, 40));
    await sleep(50);
    const closed = api.app.close();
    await eventually(() => expect(api.app.getHttpServer().listening).toBe(false));
    socket.write(request.slice(40));
    await once(socket, 'close');
    expect(heard).toMatch(/^HTTP\/1.1 200 /);
    expect(heard).toMatch(/connection: close/i);
    await closed;
  });
});
