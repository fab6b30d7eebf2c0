import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, SignJWT } from 'jose';
import { RefusalLog } from '#access';
import { SsoPerson, ssoClient, ssoSettings, startConsoleIssuer } from '../support/console-sso.js';
import type { OidcServer } from '../support/oidc-server.js';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from './running-api.js';

const publicOrigin = 'https://console.example';
const session = '/console/session';

/** By login; everybody's subject is their login. */
const people: Readonly<Record<string, object>> = {
  ada: { email: 'ada@acme.example', email_verified: true },
  mallory: { email: 'ada@acme.example', email_verified: false },
  grace: { groups: ['operators'] },
};

let issuer: {
  readonly server: OidcServer;
  readonly sign: Awaited<ReturnType<typeof startConsoleIssuer>>['sign'];
};
let api: RunningApi;
let acme: RunningTenant;
let globex: RunningTenant;

const person = (login: string) => new SsoPerson(api, publicOrigin, login);
const bind = (tenant: RunningTenant, match: object, role = 'tenant_admin') =>
  expectStatus(
    201,
    tenant.tenantAdmin('POST', `${tenant.path}/workload_identities`, {
      ...{ issuer: issuer.server.issuer, audience: ssoClient.client_id, match, role },
    }),
  );
const signedIn = async (login: string, query = '') => {
  const who = person(login);
  const { status, text } = await who.signIn(query);
  if (status !== 303) throw new Error(`${status}: ${text}`);
  return who;
};
/** From now on the issuer says something else in its ID tokens. */
const rewriting = (change: (claims: ReturnType<typeof decodeJwt>) => object | Promise<string>) =>
  issuer.server.rewriteTokens(async (answer) => {
    const changed = change(decodeJwt(answer['id_token'] ?? ''));
    const token = changed instanceof Promise ? await changed : await issuer.sign({ ...changed });
    return { ...answer, id_token: token };
  });

beforeAll(async () => {
  issuer = await startConsoleIssuer([`${publicOrigin}/console/sso/callback`], (login) => people[login] ?? {});
  Object.assign(process.env, {
    ...ssoSettings(issuer.server, [{ groups: 'operators' }]),
    GRANTKEEPER_PUBLIC_URL: publicOrigin,
    GRANTKEEPER_JWT_ISSUERS: JSON.stringify([{ issuer: issuer.server.issuer, audience: 'workloads' }]),
  });
  api = await runApi();
  [acme, globex] = [await api.tenant('acme'), await api.tenant('globex')];
  await bind(acme, { email: 'ada@acme.example' });
  for (const tenant of [acme, globex]) await bind(tenant, { sub: 'bob' }, 'connector');
}, 60_000);
afterAll(async () => {
  await api?.close();
  await issuer?.server.close();
});

describe('single sign-on', () => {
  it('goes to the issuer with PKCE, state and nonce, and comes back into the tenant that is bound', async () => {
    const begun = await api.anonymous('GET', '/console/sso?return_to=/console/tenants/acme');
    const url = new URL(begun.headers.get('location') ?? '');
    expect(begun.status).toBe(303);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      ...{ client_id: 'console', response_type: 'code', code_challenge_method: 'S256', max_age: '28800' },
      redirect_uri: `${publicOrigin}/console/sso/callback`,
      ...{ state: expect.any(String), nonce: expect.any(String), scope: 'openid email profile' },
    });
    expect(begun.headers.get('set-cookie')).toMatch(
      /^__Host-gk_console_sso=[\w-]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
    const ada = await signedIn('ada', '?return_to=/console/tenants/acme');
    expect(ada.browser.cookieNames().filter((name) => name.startsWith('__Host-'))).toEqual([
      '__Host-gk_console',
    ]);
    expect((await ada.call('GET', session)).json).toEqual({
      ...{ sign_in: 'single_sign_on', api_key: null, person: `${issuer.server.issuer} ada` },
      ...{ role: 'tenant_admin', tenant: 'acme', connections: null },
    });
    expect((await ada.call('GET', `${acme.path}/connections`)).status).toBe(200);
    expect((await ada.call('GET', '/v1/tenants/globex/connections')).status).toBe(404);
    expect((await ada.call('GET', '/v1/tenants')).status).toBe(403);
    expect((await ada.call('GET', `${acme.path}/connections/main/token`)).status).toBe(401);
    await api.app.get(RefusalLog, { strict: false }).flush();
    const { items } = (await acme.tenantAdmin('GET', `${acme.path}/audit_events?limit=200`)).json;
    const signIns = items.filter(({ action }: { action: string }) => action.endsWith('/sso/callback'));
    expect(signIns).toHaveLength(1);
    expect(signIns[0]).toMatchObject({
      ...{ action: 'GET /console/sso/callback', actor: `${issuer.server.issuer} ada`, outcome: '303' },
      data: { changed: { session: expect.anything() } },
    });
  });

  it('gives cookies that only https carries and only this host can set', async () => {
    const callback = await person('ada').callback();
    expect((await api.anonymous('GET', callback.replace(api.origin, ''))).headers.get('set-cookie')).toBe(
      '__Host-gk_console_sso=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure',
    );
    const byKey = await api.admin('POST', session, undefined, {
      ...{ origin: publicOrigin, 'x-grantkeeper-console': '1' },
    });
    expect(byKey.headers.get('set-cookie')).toMatch(
      /^__Host-gk_console=[\w.-]+; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
    );
    const cookie = (byKey.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const look = (headers: Record<string, string>) =>
      api.anonymous('GET', session, undefined, { 'x-grantkeeper-console': '1', ...headers });
    expect((await look({ cookie })).status).toBe(200);
    // A cookie of the plain name may come from a neighbouring host, or from a page without TLS.
    expect((await look({ cookie: cookie.replace('__Host-', '') })).status).toBe(401);
    expect((await look({ cookie, origin: api.origin })).status).toBe(401);
  });

  it('leads nobody to another site', async () => {
    for (const [wanted, path] of [
      ['https://evil.example/', '/console'],
      ['//evil.example/console/', '/console'],
      ['/\\evil.example/console', '/console'],
      ['/console/../v1/tenants', '/console'],
      ['/console/sso?again=true', '/console'],
      ['/consolex', '/console'],
      ['/console/tenants/acme?x=1', '/console/tenants/acme?x=1'],
    ] as const) {
      const { status, location } = await person('ada').signIn(`?return_to=${encodeURIComponent(wanted)}`);
      expect([wanted, status, location]).toEqual([wanted, 303, api.origin + path]);
    }
  });

  it('is not finished in another browser, with another state, or twice', async () => {
    const [ada, thief] = [person('ada'), person('mallory')];
    const callback = await ada.callback();
    const asked = issuer.server.tokenRequests();
    // Nobody is signed in as the thief by following their link: the state is not of this browser.
    expect((await thief.browser.visit(callback)).status).toBe(400);
    await thief.callback();
    expect((await thief.browser.visit(callback)).status).toBe(400);
    const { cookie } = ada;
    expect((await ada.browser.visit(callback.replace('state=', 'state=x'))).status).toBe(400);
    expect(issuer.server.tokenRequests()).toBe(asked);
    const finish = () => api.anonymous('GET', callback.replace(api.origin, ''), undefined, { cookie });
    expect((await finish()).status).toBe(303);
    const again = await finish();
    expect([again.status, again.headers.get('set-cookie')]).toEqual([
      400,
      expect.not.stringContaining('gk_console='),
    ]);
    expect(issuer.server.errors().at(-1)).toBe('invalid_grant');
    expect((await ada.browser.visit(callback)).status).toBe(400);
  });

  it('believes no ID token that is not for this sign-in', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const bySecret = (claims: object) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(Buffer.from(ssoClient.client_secret));
    const cases: Record<string, Parameters<typeof rewriting>[0]> = {
      'another nonce': (claims) => ({ ...claims, nonce: 'of-another-sign-in' }),
      'no nonce': ({ nonce: _, ...claims }) => claims,
      'another audience': (claims) => ({ ...claims, aud: 'another-client' }),
      'an audience more': (claims) => ({ ...claims, aud: ['console', 'another-client'] }),
      'another client in azp': (claims) => ({ ...claims, azp: 'another-client' }),
      'another issuer': (claims) => ({ ...claims, iss: `${claims.iss}/` }),
      'an end that is past': (claims) => ({ ...claims, exp: (claims.iat ?? 0) - 3_600 }),
      'no signature': async (claims) => `${part({ alg: 'none' })}.${part(claims)}.`,
      'the client secret for a key': bySecret,
      'a signature of nobody': async (claims) =>
        (await issuer.sign({ ...claims })).replace(/\.[^.]+$/, `.${'A'.repeat(342)}`),
    };
    for (const [name, change] of Object.entries(cases)) {
      rewriting(change);
      const ada = person('ada');
      const { status, text } = await ada.signIn();
      expect([name, status, /not believed/.test(text)]).toEqual([name, 400, true]);
      expect(ada.cookie).not.toContain('gk_console');
    }
    issuer.server.rewriteTokens(undefined);
  });

  it('heeds the issuer that an answer names', async () => {
    const ada = person('ada');
    const url = new URL(await ada.callback());
    expect(url.searchParams.get('iss')).toBe(issuer.server.issuer);
    url.searchParams.set('iss', 'https://evil.example');
    expect((await ada.browser.visit(url.href)).status).toBe(400);
  });

  it('says who has come where nobody has bound them, and begins no session', async () => {
    const strange = person('<b>eve</b>');
    const { status, text } = await strange.signIn();
    expect(status).toBe(403);
    expect(text).toContain('sub &#60;b&#62;eve&#60;/b&#62;, no email address');
    expect(text).toMatch(/workload identity with the issuer http.*GRANTKEEPER_CONSOLE_OIDC_ADMINS/s);
    expect(strange.cookie).not.toContain('gk_console');
    const mallory = person('mallory');
    const unverified = await mallory.signIn();
    expect([unverified.status, mallory.cookie.includes('gk_console')]).toEqual([403, false]);
    expect(unverified.text).toContain('email ada@acme.example, which is not verified and does not count');
  });

  it('lets somebody who is bound in several tenants choose', async () => {
    const bob = person('bob');
    const { status, text } = await bob.signIn();
    expect([status, bob.cookie.includes('gk_console')]).toEqual([300, false]);
    expect(text).toContain('<a href="/console/sso?tenant=globex">globex</a>');
    await bob.signIn('?tenant=globex');
    expect((await bob.call('GET', session)).json).toMatchObject({ role: 'connector', tenant: 'globex' });
    expect((await bob.call('GET', `${acme.path}/connections`)).status).toBe(404);
    expect((await bob.call('GET', `${globex.path}/connections`)).status).toBe(200);
  });

  it('makes platform administrators by the setting alone', async () => {
    const grace = await signedIn('grace');
    expect((await grace.call('GET', session)).json).toMatchObject({ role: 'platform_admin', tenant: null });
    expect((await grace.call('GET', '/v1/tenants')).status).toBe(200);
    const [row] = await api.database.query(
      'select api_key_id, identity_id, tenant_id from gk.console_sessions order by created_at desc limit 1',
    );
    expect(row).toEqual({ api_key_id: null, identity_id: null, tenant_id: null });
  });

  it('lets no ID token in as a key', async () => {
    let token = '';
    issuer.server.rewriteTokens(async (answer) => {
      token = answer['id_token'] ?? '';
      return answer;
    });
    await signedIn('bob', '?tenant=acme');
    issuer.server.rewriteTokens(undefined);
    expect(decodeJwt(token)).toMatchObject({ sub: 'bob', aud: 'console' });
    expect((await api.as(token)('GET', `${acme.path}/connections`)).status).toBe(401);
  });

  it('is begun by the console itself, and counts what fails', async () => {
    for (const path of ['/console/sso', '/console/sso/sign_out']) {
      const foreign = await api.anonymous('GET', path, undefined, { 'sec-fetch-site': 'cross-site' });
      expect([path, foreign.status, foreign.headers.get('set-cookie')]).toEqual([path, 403, null]);
    }
  });
});

describe('a session by single sign-on', () => {
  it('is no more once it is signed out, although a thief has kept the cookie', async () => {
    const [ada, other] = [await signedIn('ada'), await signedIn('ada')];
    const { cookie } = ada;
    await expectStatus(204, ada.call('DELETE', session));
    expect((await other.call('GET', session, undefined, { cookie })).status).toBe(401);
    expect((await other.call('GET', session)).status).toBe(200);
    const out = await api.anonymous('GET', '/console/sso/sign_out');
    const url = new URL(out.headers.get('location') ?? '');
    expect(url.origin + url.pathname).toBe(`${issuer.server.issuer}/session/end`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      ...{ client_id: 'console', post_logout_redirect_uri: `${publicOrigin}/console` },
    });
  });

  it('is a new one at each sign-in, and the one before ends', async () => {
    const ada = await signedIn('ada');
    const { cookie } = ada;
    await ada.signIn();
    expect(ada.cookie).not.toBe(cookie);
    expect((await ada.call('GET', session)).status).toBe(200);
    expect((await ada.call('GET', session, undefined, { cookie })).status).toBe(401);
  });

  it('ends with what has let its person in', async () => {
    const { id } = (await bind(acme, { sub: 'carol' })).json;
    const carol = await signedIn('carol');
    expect((await carol.call('GET', session)).status).toBe(200);
    await expectStatus(204, acme.tenantAdmin('DELETE', `${acme.path}/workload_identities/${id}`));
    expect((await carol.call('GET', session)).status).toBe(401);
  });

  it('is made by nobody who writes into the database, nor turned into that of another', async () => {
    const [ada, bob] = [await signedIn('ada'), await signedIn('bob', '?tenant=acme')];
    await api.database.query(
      `update gk.console_sessions set identity_id = (select id from gk.workload_identities where role = 'tenant_admin' limit 1)
       where identity_id in (select id from gk.workload_identities where role = 'connector')`,
    );
    expect((await bob.call('GET', session)).status).toBe(401);
    const parts = ada.cookie.split('.');
    const renamed = parts.with(3, Buffer.from(`${issuer.server.issuer} eve`).toString('base64url'));
    expect((await ada.call('GET', session, undefined, { cookie: renamed.join('.') })).status).toBe(401);
    await api.database.query(
      `update gk.workload_identities set role = 'tenant_admin' where role = 'connector'`,
    );
    expect((await person('bob').signIn('?tenant=acme')).status).toBe(403);
  });

  it('signs in again before what cannot be taken back, as the same person', async () => {
    const remove = (who: SsoPerson) => who.call('DELETE', `${acme.path}/connections/none`);
    rewriting((claims) => ({ ...claims, auth_time: (claims.iat ?? 0) - 700 }));
    const ada = await signedIn('ada');
    expect((await remove(ada)).json).toMatchObject({ status: 403, code: 'reauthentication_required' });
    // An issuer that only says so has seen nobody.
    expect((await ada.signIn('?again=true')).status).toBe(400);
    rewriting(({ auth_time: _, ...claims }) => claims);
    expect((await ada.signIn('?again=true')).status).toBe(400);
    const unsaid = await signedIn('ada');
    expect((await remove(unsaid)).json.code).toBe('reauthentication_required');
    issuer.server.rewriteTokens(undefined);
    const callback = new URL(
      (await api.anonymous('GET', '/console/sso?again=true')).headers.get('location') ?? '',
    );
    expect(Object.fromEntries(callback.searchParams)).toMatchObject({ prompt: 'login', max_age: '0' });
    const { cookie } = ada;
    expect((await ada.signIn('?again=true')).status).toBe(303);
    expect((await remove(ada)).status).toBe(404);
    expect((await ada.call('GET', session, undefined, { cookie })).status).toBe(401);
    ada.browser.forget(issuer.server.issuer);
    const other = Object.assign(ada, { login: 'grace' });
    const refused = await other.signIn('?again=true');
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('Somebody else')]);
    expect((await ada.call('GET', session)).json.role).toBe('tenant_admin');
  });

  it('is not begun while the issuer is away, and the page says so', async () => {
    const ada = person('ada');
    const callback = await ada.callback();
    await issuer.server.close();
    const { status, text } = await ada.browser.visit(callback);
    expect([status, text]).toEqual([503, expect.stringContaining('cannot be reached')]);
    expect(ada.cookie).not.toContain('gk_console');
  });
});
