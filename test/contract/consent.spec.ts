import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { type Loopback, serve } from '#testing';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from './running-api.js';

type Json = Record<string, unknown>;
type SigningKey = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];

/** The next answers of the server, and the forms and bearers it was sent. */
let tokens: Json;
let userinfo: { status: number; body: Json };
const presented: URLSearchParams[] = [];
const bearers: (string | undefined)[] = [];

let api: RunningApi;
let tenant: RunningTenant;
let server: Loopback;
let idToken: (claims: Json, other?: { key?: SigningKey; alg?: string; kid?: string }) => Promise<string>;
let foreignKey: SigningKey;

beforeAll(async () => {
  api = await runApi();
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  foreignKey = (await generateKeyPair('RS256')).privateKey;
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256' }] };
  server = await serve(async (request, response) => {
    let form = '';
    for await (const chunk of request) form += chunk;
    const send = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.url === '/jwks') return send(200, jwks);
    if (request.url === '/userinfo') {
      bearers.push(request.headers.authorization);
      return send(userinfo.status, userinfo.body);
    }
    presented.push(new URLSearchParams(form));
    return send(200, tokens);
  });
  idToken = (claims, { key = privateKey, alg = 'RS256', kid = 'k1' } = {}) =>
    new SignJWT({
      iss: server.origin,
      aud: 'app',
      sub: 'ada',
      iat: 1,
      exp: Math.floor(Date.now() / 1_000) + 300,
      ...claims,
    })
      .setProtectedHeader({ alg, kid })
      .sign(key);
});
afterAll(async () => {
  await api.close();
  await server.close();
});
beforeEach(async () => {
  tenant = await api.tenant();
  presented.length = 0;
  bearers.length = 0;
  userinfo = { status: 200, body: {} };
});

const path = () => `${tenant.path}/connections/main`;
const read = async () => (await tenant.tenantAdmin('GET', path())).json;
const token = () => tenant.reader('GET', `${path()}/token?min_ttl=0`);
const events = async () =>
  (await tenant.tenantAdmin('GET', `${path()}/events`)).json.items.map(
    ({ type, data }: { type: string; data: Json }) => `${type} ${data['code'] ?? ''}`,
  );

const credential = (settings: object) =>
  tenant.tenantAdmin('POST', `${tenant.path}/credentials`, {
    id: 'app',
    provider: 'generic-oauth2',
    client_id: 'app',
    client_secret: 'a secret of this app',
    settings: {
      authorization_endpoint: `${server.origin}/authorize`,
      token_endpoint: `${server.origin}/token`,
      allow_unconfirmed: true,
      ...settings,
    },
  });

/** The link names the address that the API would have by itself. */
const goOut = (authorizationUrl: string) =>
  fetch(api.origin + new URL(authorizationUrl).pathname, { redirect: 'manual' });

/** The browser goes out and comes back with a code. */
async function comeBack(
  authorizationUrl: string,
  parameters = '',
): Promise<{ status: number; text: string }> {
  const out = await goOut(authorizationUrl);
  const away = new URL(out.headers.get('location') ?? '');
  const cookie = out.headers.getSetCookie().map((line) => line.split(';')[0]);
  const state = away.searchParams.get('state') ?? '';
  const back = `${api.origin}/v1/callback/${tenant.slug}/app?code=the-code-of-this-trip&state=${state}${parameters}`;
  const answer = await fetch(back, { headers: { cookie: cookie.join('; ') } });
  return { status: answer.status, text: await answer.text() };
}

async function connect(answer: Json, parameters = '', scope = 'read') {
  tokens = answer;
  const body = { id: 'main', credential: 'app', grant: 'authorization_code', scope };
  const made = await expectStatus(202, tenant.tenantAdmin('POST', `${tenant.path}/connections`, body));
  return comeBack(made.json.authorization_url, parameters);
}

async function again(answer: Json, body: object = {}) {
  tokens = answer;
  const made = await expectStatus(202, tenant.tenantAdmin('POST', `${path()}/authorize`, body));
  return comeBack(made.json.authorization_url);
}

const good = (n: number, more: Json = {}): Json => ({
  access_token: `access-${n}`,
  refresh_token: `refresh-${n}`,
  token_type: 'Bearer',
  expires_in: 3_600,
  ...more,
});

describe('fields', () => {
  it('of answer and callback go with the token, and outlive a renewal that lacks them', async () => {
    await credential({
      token_fields: { instance_url: 'instance_url', plan: 'org.plan', leak: 'note', none: 'org' },
      callback_fields: ['realmId', 'other'],
    });
    const first = good(1, { instance_url: 'https://a.example', org: { plan: 7 }, note: 'see access-1' });
    expect(await connect(first, '&realmId=9130&secret=x')).toMatchObject({ status: 200 });
    const all = { instance_url: 'https://a.example', plan: '7', realmId: '9130' };
    expect((await read()).fields).toEqual(all);
    for (const _ of ['from the database', 'from memory']) expect((await token()).json.fields).toEqual(all);
    tokens = good(2, { instance_url: 'https://b.example' });
    await expectStatus(200, tenant.tenantAdmin('POST', `${path()}/renew`));
    expect((await token()).json).toMatchObject({
      access_token: 'access-2',
      fields: { ...all, instance_url: 'https://b.example' },
    });
    await again(good(3, { instance_url: 'https://c.example' }));
    expect((await read()).fields).toEqual({ instance_url: 'https://c.example' });
  });

  it('are absent from the token where there are none, and null is no account', async () => {
    await credential({});
    await connect(good(1));
    expect((await token()).json).not.toHaveProperty('fields');
    expect(await read()).toMatchObject({ fields: {}, account: null });
  });

  it('that come twice in a callback are turned away', async () => {
    await credential({ callback_fields: ['realmId'] });
    expect(await connect(good(1), '&realmId=1&realmId=2')).toMatchObject({ status: 400 });
    expect(presented).toEqual([]);
  });

  it.each<[object, string]>([
    [{ token_fields: { host: 'access_token' } }, 'settings.token_fields.host'],
    [{ callback_fields: ['realmId', 'state'] }, 'settings.callback_fields.1'],
    [{ account_from: 'token_response' }, 'settings.account_id_path'],
  ])('%j are 400', async (settings, field) => {
    const refused = await credential(settings);
    expect(refused).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    expect(refused.json.errors.map((error: Json) => error['field'])).toContain(field);
  });
});

describe('the account', () => {
  const ofIdToken = () => ({
    account_from: 'id_token',
    issuer: server.origin,
    jwks_uri: `${server.origin}/jwks`,
    authorization_response_iss_parameter_supported: false,
    client_auth: 'client_secret_post',
  });

  it('is read from the ID token', async () => {
    await credential(ofIdToken());
    await connect(
      good(1, { id_token: await idToken({ email: 'ada@a.example', name: 'Ada', hd: 'a.example' }) }),
    );
    const account = { id: 'ada', email: 'ada@a.example', name: 'Ada', organization: 'a.example' };
    expect((await read()).account).toEqual(account);
    tokens = good(2);
    await expectStatus(200, tenant.tenantAdmin('POST', `${path()}/renew`));
    expect((await read()).account).toEqual(account);
  });

  it.each<[string, () => Promise<string>]>([
    ['another issuer', () => idToken({ iss: 'https://other.example' })],
    ['a foreign signature', () => idToken({}, { key: foreignKey })],
  ])('is not read from an ID token with %s, and the grant is kept all the same', async (_, make) => {
    await credential(ofIdToken());
    expect((await connect(good(1, { id_token: await make() }))).status).toBe(200);
    expect(await read()).toMatchObject({ status: 'active', account: null });
    expect((await token()).json.access_token).toBe('access-1');
  });

  it('is read from userinfo, whose failure costs nothing, or from the token response', async () => {
    await credential({
      account_from: 'userinfo',
      userinfo_endpoint: `${server.origin}/userinfo`,
      account_id_path: 'user.id',
    });
    userinfo = { status: 500, body: {} };
    expect((await connect(good(1))).status).toBe(200);
    expect(await read()).toMatchObject({ status: 'active', account: null });
    userinfo = { status: 200, body: { user: { id: 7, email: 'ada@a.example' }, name: 'Ada' } };
    await again(good(2));
    const account = { id: '7', email: 'ada@a.example', name: 'Ada' };
    expect((await read()).account).toEqual(account);
    expect(bearers.at(-1)).toBe('Bearer access-2');
    userinfo = { status: 503, body: {} };
    await again(good(3));
    expect(await read()).toMatchObject({ status: 'active', account, generation: 3 });
  });

  it('that is another one changes nothing, unless that was allowed', async () => {
    await credential({ account_from: 'token_response', account_id_path: 'owner.id' });
    await connect(good(1, { owner: { id: 'ada' } }));
    const before = await read();
    const turnedAway = await again(good(2, { owner: { id: 'bob' } }), { scope: 'read write' });
    expect(turnedAway.status).toBe(409);
    expect(await read()).toEqual(before);
    expect((await token()).json.access_token).toBe('access-1');
    expect(await events()).toContain('connection.authorization_failed account_mismatch');
    const audit = await tenant.tenantAdmin('GET', `${tenant.path}/audit_events?limit=100`);
    expect(audit.json.items.map((item: Json) => item['outcome'])).toContain('account_mismatch');
    tokens = good(3);
    await expectStatus(200, tenant.tenantAdmin('POST', `${path()}/renew`));
    expect(presented.at(-1)?.get('refresh_token')).toBe('refresh-1');
    expect((await again(good(4, { owner: { id: 'bob' } }), { allow_account_change: true })).status).toBe(200);
    expect(await read()).toMatchObject({ account: { id: 'bob' }, generation: 3 });
  });
});

describe('a new consent', () => {
  const known = { account_from: 'token_response', account_id_path: 'owner' };

  it('without a refresh token keeps the one before, unless it is of another account', async () => {
    await credential(known);
    await connect(good(1, { owner: 'ada' }));
    await again({ ...good(2, { owner: 'ada' }), refresh_token: undefined });
    expect((await token()).json.access_token).toBe('access-2');
    tokens = good(3, { refresh_token: 'refresh-3' });
    await expectStatus(200, tenant.tenantAdmin('POST', `${path()}/renew`));
    expect(presented.at(-1)?.get('refresh_token')).toBe('refresh-1');
    const other = { ...good(4, { owner: 'bob' }), refresh_token: undefined };
    await again(other, { allow_account_change: true });
    const count = presented.length;
    expect((await tenant.tenantAdmin('POST', `${path()}/renew`)).status).toBe(409);
    expect(presented).toHaveLength(count);
  });

  it('for more scope serves the old grant until it is there', async () => {
    await credential({});
    await connect(good(1, { scope: 'read' }));
    tokens = good(2, { scope: 'read write' });
    const made = await expectStatus(
      202,
      tenant.tenantAdmin('POST', `${path()}/authorize`, { scope: 'read write admin' }),
    );
    expect(made.json).toMatchObject({ scope: 'read', status: 'active', missing_scopes: [] });
    const out = await goOut(made.json.authorization_url);
    expect(new URL(out.headers.get('location') ?? '').searchParams.get('scope')).toBe('read write admin');
    expect((await token()).json.access_token).toBe('access-1');
    await again(good(2, { scope: 'read write' }), { scope: 'read write admin' });
    expect(await read()).toMatchObject({ scope: 'read write', missing_scopes: ['admin'], generation: 2 });
    await again(good(3), { scope: 'read admin' });
    expect(await read()).toMatchObject({ scope: 'read admin', missing_scopes: [] });
  });

  it('asked for with a wrong value is 400', async () => {
    await credential({});
    await connect(good(1));
    const wrong: Record<string, unknown[]> = {
      scope: ['a"b', 'a  b', ['a'], ''],
      allow_account_change: ['yes', null],
      account: ['x'],
    };
    for (const [field, values] of Object.entries(wrong))
      for (const value of values)
        expect(await tenant.tenantAdmin('POST', `${path()}/authorize`, { [field]: value })).toMatchObject({
          status: 400,
          json: { errors: [{ field }] },
        });
  });
});

describe('the pages of a tenant', () => {
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').toString('base64');
  const look = (branding: unknown) => api.admin('PATCH', tenant.path, { branding });

  it('have its name, logo and colour, and nothing that a browser would run or fetch', async () => {
    await credential({});
    const name = 'Söhne & <script>alert(1)</script>';
    const branding = { name, colour: '#FFE066', logo: `data:image/png;base64,${png}` };
    expect((await expectStatus(200, look(branding))).json.branding).toEqual(branding);
    expect((await tenant.tenantAdmin('GET', tenant.path)).json.branding).toEqual(branding);
    expect((await api.admin('GET', '/v1/tenants?limit=200')).text).not.toContain(png);
    tokens = good(1);
    const body = { id: 'main', credential: 'app', grant: 'authorization_code', scope: 'read' };
    const made = await expectStatus(202, tenant.tenantAdmin('POST', `${tenant.path}/connections`, body));
    const done = await comeBack(made.json.authorization_url);
    expect([done.status, done.text]).toEqual([200, expect.stringContaining('<h1>Connected</h1>')]);
    const again = await goOut(made.json.authorization_url);
    for (const page of [done.text, await again.text()]) {
      expect(page).toContain(`<img alt="" src="data:image/png;base64,${png}">`);
      expect(page).toContain('background:#FFE066;color:#000000');
      expect(page).toContain('Söhne &#38; &#60;script&#62;');
      expect(page).not.toMatch(/<script|https?:/);
    }
    expect(again.status).toBe(410);
    expect(again.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'unsafe-inline'; img-src data:;/,
    );
    const { items } = (await api.admin('GET', '/v1/audit_events?limit=200')).json;
    const changed = items.find(({ target }: Json) => target === tenant.path);
    expect(changed.data.changed.branding.new).toEqual({
      name,
      colour: '#FFE066',
      logo: expect.stringMatching(/^sha256:/),
    });

    await expectStatus(200, look({ colour: '#123456' }));
    const dark = await (await goOut(made.json.authorization_url)).text();
    expect(dark).toContain('background:#123456;color:#ffffff');
    expect(dark).toContain(`<span>${tenant.slug}</span>`);
    expect((await expectStatus(200, look(null))).json.branding).toBeNull();
    expect(await (await goOut(made.json.authorization_url)).text()).not.toContain('<header>');
  });
});
