import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RefusalLog } from '#access';
import { eventually } from '#testing';
import type { Answer, Client } from '../support/http.js';
import { clientOf } from '../support/http.js';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from './running-api.js';

const path = '/console/session';
const own = { 'x-grantkeeper-console': '1' };

let api: RunningApi;
let acme: RunningTenant;
let key: string;

beforeAll(async () => {
  api = await runApi();
  acme = await api.tenant('acme');
  await acme.connect('main');
  key = await newKey();
});
afterAll(() => api.close());

const newKey = async (role = 'tenant_admin', more = {}) =>
  (
    await expectStatus(
      201,
      acme.tenantAdmin('POST', `${acme.path}/api_keys`, { name: 'admin', role, ...more }),
    )
  ).json.key as string;

const signIn = (bearer: string, headers: Record<string, string> = {}) =>
  api.as(bearer)('POST', path, undefined, { origin: api.origin, ...own, ...headers });

const cookieOf = ({ headers }: Answer) => (headers.get('set-cookie') ?? '').split(';')[0] ?? '';

/** A page that hears of changes. */
async function listen(cookie: string) {
  const answer = await fetch(`${api.origin}${acme.path}/changes`, { headers: { cookie, ...own } });
  const reader = answer.body?.getReader();
  let text = '';
  const read = async (): Promise<void> => {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (done) return;
      text += Buffer.from(value ?? []).toString();
    }
  };
  return { answer, text: () => text, ended: read(), stop: async () => reader?.cancel() };
}

/** The console in a browser that is signed in. */
async function browser(bearer = key): Promise<Client & { readonly cookie: string }> {
  const cookie = cookieOf(await expectStatus(201, signIn(bearer)));
  const client: Client = (method, url, body, headers = {}) =>
    api.anonymous(method, url, body, { origin: api.origin, cookie, ...own, ...headers });
  return Object.assign(client, { cookie });
}

describe('a session of the console', () => {
  it('is begun by an API key, and its cookie is for this browser and this host only', async () => {
    const answer = await expectStatus(201, signIn(key));
    expect(answer.json).toMatchObject({ role: 'tenant_admin', tenant: 'acme', connections: null });
    // By http on loopback; by https it is `__Host-gk_console` and `Secure`.
    expect(answer.headers.get('set-cookie')).toMatch(
      /^gk_console=[\w.-]{100,600}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const stored = await api.database.query('select s::text from gk.console_sessions s');
    const [secret = ''] = cookieOf(answer).replace('gk_console=', '').split('.');
    expect(JSON.stringify(stored)).not.toContain(secret);
    expect(JSON.stringify(stored)).not.toContain(Buffer.from(secret, 'base64url').toString('hex'));
  });

  it('is a caller with the rights of its key, in its tenant', async () => {
    const acmeBrowser = await browser();
    await api.tenant('globex');
    expect((await acmeBrowser('GET', `${acme.path}/connections`)).json.items).toHaveLength(1);
    expect((await acmeBrowser('GET', '/v1/tenants/globex/connections')).status).toBe(404);
    expect((await acmeBrowser('GET', '/v1/tenants')).status).toBe(403);
    const made = await acmeBrowser('POST', `${acme.path}/credentials`, { id: 'x', provider: 'no-such' });
    expect(made.status).toBe(400);
  });

  it('gets no token by any door', async () => {
    const connection = `${acme.path}/connections/main`;
    const console = await browser();
    const answers = await Promise.all([
      console('GET', `${connection}/token`),
      console('GET', `${connection}/forward_auth`),
      console('POST', `${acme.path}/tokens`, { connections: ['main'] }),
      console('POST', `${connection}/token/rejections`, { generation: 1 }),
      console('POST', path),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 403, 403]);
    expect(answers.map(({ text }) => text).join()).not.toContain('access_token');
  });

  it('is nobody without the header, or from the page of another origin', async () => {
    const console = await browser();
    const { cookie } = console;
    const change = (headers: Record<string, string>) =>
      api.anonymous('PATCH', `${acme.path}/connections/main`, { paused: false }, { cookie, ...headers });
    expect((await change({ ...own, origin: api.origin })).status).toBe(200);
    for (const headers of [
      { origin: api.origin },
      { ...own, origin: 'https://evil.example' },
      { ...own, origin: 'null' },
      { ...own },
      { ...own, origin: api.origin, 'sec-fetch-site': 'same-site' },
      { ...own, origin: api.origin, 'x-grantkeeper-console': '0' },
    ] as Record<string, string>[]) {
      expect([headers, (await change(headers)).status]).toEqual([headers, 401]);
    }
    // A browser names no origin where a page reads from its own.
    expect((await api.anonymous('GET', path, undefined, { cookie, ...own })).status).toBe(200);
    expect((await signIn(key, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await signIn(key, { 'x-grantkeeper-console': '' })).status).toBe(400);
  });

  it('is refused once it is signed out, although a thief has kept the cookie', async () => {
    const [console, other] = [await browser(), await browser()];
    const answer = await expectStatus(204, console('DELETE', path));
    expect(answer.headers.get('set-cookie')).toBe(
      'gk_console=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict',
    );
    expect((await console('GET', path)).status).toBe(401);
    expect((await console('GET', `${acme.path}/connections`)).status).toBe(401);
    expect((await other('GET', path)).status).toBe(200);
  });

  it('ends with its key, within a second, and with its tenant', async () => {
    const console = await browser(await newKey());
    const { api_key: id } = (await console('GET', path)).json;
    await expectStatus(204, acme.tenantAdmin('DELETE', `${acme.path}/api_keys/${id}`));
    await eventually(async () => expect((await console('GET', path)).status).toBe(401), 1_000);
    const still = await browser();
    await expectStatus(200, api.admin('PATCH', acme.path, { disabled: true }));
    await eventually(async () => expect((await still('GET', path)).status).toBe(401), 1_000);
    await expectStatus(200, api.admin('PATCH', acme.path, { disabled: false }));
  });

  it('ends after half an hour without a request, and after eight hours in any case', async () => {
    const console = await browser();
    const { cookie } = console;
    const look = async () => (await api.anonymous('GET', path, undefined, { cookie, ...own })).status;
    for (let minute = 29; minute < 8 * 60; minute += 29) {
      await api.database.setClockOffset(minute * 60);
      expect([minute, await look()]).toEqual([minute, 200]);
    }
    await api.database.setClockOffset(480 * 60);
    expect(await look()).toBe(401);
    const idle = await browser();
    await api.database.setClockOffset(511 * 60);
    expect((await idle('GET', path)).status).toBe(401);
    await api.database.setClockOffset(0);
  });

  it('asks for its key again before what cannot be taken back', async () => {
    const admin = await browser(api.adminKey);
    const none = `${acme.path}/connections/none`;
    const sensitive: readonly (readonly ['POST' | 'DELETE', string, object?])[] = [
      ['DELETE', '/v1/tenants/none'],
      ['DELETE', none],
      ['DELETE', `${acme.path}/credentials/none`],
      ['POST', `${acme.path}/api_keys`, { name: 'x', role: 'connector' }],
      ['DELETE', `${acme.path}/api_keys/none`],
      ['POST', '/v1/api_keys', { name: 'x' }],
      ['DELETE', '/v1/api_keys/none'],
      ['POST', `${acme.path}/workload_identities`, { issuer: 'x', match: { sub: 'x' }, role: 'connector' }],
      ['DELETE', `${acme.path}/workload_identities/none`],
      ['POST', `${acme.path}/keys/rotate`],
      ['POST', '/v1/keys/rewrap'],
      ['POST', '/v1/hold', { release: true }],
    ];
    expect((await admin('DELETE', none)).status).toBe(404);
    await api.database.setClockOffset(601);
    for (const [method, url, body] of sensitive) {
      const { status, json } = await admin(method, url, body);
      expect([method, url, status, json.code]).toEqual([method, url, 403, 'reauthentication_required']);
    }
    expect((await admin('GET', `${acme.path}/connections`)).status).toBe(200);
    // A program shows its key with each call.
    expect((await api.admin('DELETE', none)).status).toBe(404);
    const renewed = await expectStatus(201, signIn(api.adminKey, { cookie: admin.cookie }));
    expect((await admin('GET', path)).status).toBe(401);
    const cookie = cookieOf(renewed);
    expect((await admin('DELETE', none, undefined, { cookie })).status).toBe(404);
    await api.database.setClockOffset(0);
  });

  it('is made by nobody who writes into the database, nor turned into that of another', async () => {
    const [console, admin] = [await browser(), await browser(await newKey('connector'))];
    const turned = `update gk.console_sessions set api_key_id = (select id from gk.api_keys where role = 'platform_admin'),
      tenant_id = null where api_key_id = (select id from gk.api_keys where id = $1)`;
    await api.database.query(turned, [(await admin('GET', path)).json.api_key]);
    expect((await admin('GET', path)).status).toBe(401);
    const [secret = '', ...rest] = console.cookie.replace('gk_console=', '').split('.');
    for (const forged of [
      [`${secret.startsWith('A') ? 'B' : 'A'}${secret.slice(1)}`, ...rest],
      [secret, ...rest.slice(0, -1), 'A'.repeat(43)],
    ]) {
      const headers = { cookie: `gk_console=${forged.join('.')}`, ...own };
      expect((await api.anonymous('GET', path, undefined, headers)).status).toBe(401);
    }
  });

  it('hears of changes in its tenant as they happen, and of no others', async () => {
    const globex = await api.tenant();
    await globex.connect();
    const console = await browser();
    const heard = await listen(console.cookie);
    expect(heard.answer.headers.get('content-type')).toBe('text/event-stream');
    const pause = (paused: boolean, { path: tenant, tenantAdmin } = acme) =>
      expectStatus(200, tenantAdmin('PATCH', `${tenant}/connections/main`, { paused }));
    await pause(true, globex);
    await pause(true);
    await eventually(() => expect(heard.text()).toContain('event: changed'), 5_000);
    await pause(false, globex);
    await acme.connect('heard');
    await eventually(() => expect(heard.text().split('event: changed')).toHaveLength(3), 5_000);
    await pause(false);
    await heard.stop();
    expect((await console('GET', '/v1/tenants/globex/changes')).status).toBe(404);
    expect((await acme.tenantAdmin('GET', `${acme.path}/changes`)).status).toBe(403);
  });

  it('has so many streams open at once and no more, and none once its key is gone', async () => {
    const console = await browser(await newKey('connector'));
    const streams = await Promise.all(Array.from({ length: 16 }, () => listen(console.cookie)));
    const { status, headers } = (await listen(console.cookie)).answer;
    expect([status, headers.get('retry-after')]).toEqual([429, '30']);
    const { api_key: id } = (await console('GET', path)).json;
    await expectStatus(204, acme.tenantAdmin('DELETE', `${acme.path}/api_keys/${id}`));
    await Promise.all(streams.map(({ ended }) => ended));
    await eventually(async () => expect((await listen(console.cookie)).answer.status).toBe(401), 2_000);
  });

  it('sees who has read a token, and what happened by the hour', async () => {
    const console = await browser();
    await expectStatus(200, acme.reader('GET', `${acme.path}/connections/main/token`));
    await expectStatus(200, acme.reader('GET', `${acme.path}/connections/main/token`));
    await eventually(async () => {
      const { items } = (await console('GET', `${acme.path}/connections/main/readers`)).json;
      expect(items).toMatchObject([{ count: 2, reader: expect.any(String) }]);
    }, 20_000);
    const { items } = (await console('GET', `${acme.path}/activity?hours=1`)).json;
    expect(items).toContainEqual({
      hour: expect.any(String),
      type: 'connection.active',
      count: expect.any(Number),
    });
    expect((await console('GET', `${acme.path}/activity?hours=169`)).status).toBe(400);
  });

  it('counts failed sign-ins and made-up sessions, and limits them', async () => {
    const made = { cookie: 'gk_console=made-up', ...own };
    /** Two a second come back meanwhile. */
    const isLimited = async (ask: () => Promise<{ status: number }>) => {
      for (let tries = 0; tries < 260; tries += 1) if ((await ask()).status === 429) return true;
      return false;
    };
    expect(await isLimited(() => api.anonymous('GET', path, undefined, made))).toBe(true);
    expect(await isLimited(() => signIn('gk_a_made-up'))).toBe(true);
    expect((await signIn(key)).status).toBe(201);
  });

  it('is in the audit trail of its tenant when it begins and when it ends', async () => {
    const console = await browser();
    await expectStatus(204, console('DELETE', path));
    await api.app.get(RefusalLog, { strict: false }).flush();
    const { items } = (await acme.tenantAdmin('GET', `${acme.path}/audit_events?limit=200`)).json;
    const ofConsole = items.filter(({ action }: { action: string }) => action.endsWith(path));
    expect(ofConsole.at(-2)).toMatchObject({ action: `POST ${path}`, outcome: '201' });
    expect(ofConsole.at(-1)).toMatchObject({ action: `DELETE ${path}`, outcome: '204' });
    expect(ofConsole.at(-1).data.changed).toHaveProperty('session');
    expect(JSON.stringify(items)).not.toContain(console.cookie.slice(11, 40));
  });
});

describe('the console', () => {
  const get = (url: string, headers?: Record<string, string>) =>
    clientOf(api.origin)('GET', url, undefined, headers);

  it('is where the root leads to', async () => {
    const { status, headers } = await get('/');
    expect([status, headers.get('location')]).toEqual([302, '/console']);
  });

  it('is one page under all its paths, which asks nobody else and runs nothing of its own text', async () => {
    const [page, deep] = [await get('/console'), await get('/console/tenants/acme')];
    expect([page.status, deep.status, deep.text]).toEqual([200, 200, page.text]);
    const told = ['content-type', 'cache-control', 'vary'].map((name) => page.headers.get(name));
    expect(told.join()).toMatch(/^text\/html.*max-age=0.*cookie/);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; /);
    expect(policy).toMatch(/frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'n/);
    expect(policy).not.toMatch(/unsafe|https?:/);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.text).not.toMatch(/<script(?![^>]* src=)|<style|https?:\/\//);
  });

  it('needs at most 250 KB of JavaScript, compressed, for its first screen, and next to none to sign in', async () => {
    const bytesOf = async (links: RegExp, cookie: string) => {
      const files = [...(await get('/console', { cookie })).text.matchAll(links)];
      const sizes = await Promise.all(
        files.map(async ([, file = '']) =>
          Number((await get(file, { 'accept-encoding': 'gzip' })).headers.get('content-length')),
        ),
      );
      return sizes.reduce((sum, size) => sum + size, 0);
    };
    const all = await bytesOf(/"(\/console\/assets\/[^"]+\.js)"/g, 'gk_console=x');
    const form = await bytesOf(/(?:src|"modulepreload" crossorigin href)="([^"]+\.js)"/g, '');
    expect([all > 50_000, all < 250_000, form > 1_000, form < 10_000]).toEqual([true, true, true, true]);
  });

  it('shows the sign-in form before any script, unless the browser brings a session', async () => {
    const [form, opening] = [await get('/console'), await get('/console', { cookie: 'gk_console=x' })];
    const hidden = ({ text }: Answer) => / id="([\w-]+)"[^>]* hidden>\n\s+<(?:p class|form)/.exec(text)?.[1];
    expect([hidden(form), hidden(opening)]).toEqual(['root', 'sign-in']);
    expect(form.headers.get('etag')).not.toBe(opening.headers.get('etag'));
  });

  it('has the styles of every component of the library that it uses', async () => {
    const folder = join(import.meta.dirname, '../../dist/console/assets');
    const built = (end: RegExp) =>
      readdirSync(folder).flatMap((name) => (end.test(name) ? readFileSync(join(folder, name), 'utf8') : []));
    const library = readFileSync(createRequire(import.meta.url).resolve('@mantine/core/styles.css'), 'utf8');
    const classes = /\bm_[0-9a-f]{6,8}\b/g;
    const used = built(/\.js$/).flatMap((text) => text.match(classes) ?? []);
    const styles = built(/\.css$/).join();
    expect(used.length).toBeGreaterThan(50);
    expect(used.filter((name) => library.includes(`.${name}`) && !styles.includes(`.${name}`))).toEqual([]);
  });

  it('has files whose names change with their contents, and no others', async () => {
    const [, file = ''] = /src="(\/console\/assets\/[^"]+)"/.exec((await get('/console')).text) ?? [];
    const { status, headers } = await get(file, { 'accept-encoding': 'br' });
    expect([status, headers.get('content-type')]).toEqual([200, expect.stringMatching(/javascript/)]);
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(headers.get('content-encoding')).toBe('br');
    for (const missing of ['/console/assets/none.js', '/console/assets/', '/none'])
      expect([missing, (await get(missing)).status]).toEqual([missing, 404]);
    expect((await get('/console/assets/..%2f..%2f.build')).status).toBe(400);
  });
});
