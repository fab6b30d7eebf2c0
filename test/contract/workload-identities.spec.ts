import { createHmac, createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JWK } from 'jose';
import { eventually } from '#testing';
import { JwtIssuer, newSigningKey, type SigningKey } from '../support/jwt-issuer.js';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from './running-api.js';

/** In a cluster, discovered; a CI that gives the address of its keys; a SPIFFE trust domain, which is no URL. */
let cluster: JwtIssuer;
let ci: JwtIssuer;
let spire: JwtIssuer;
/** Down at first. */
let late: JwtIssuer;
let api: RunningApi;
let acme: RunningTenant;
let globex: RunningTenant;
const spiffeIssuer = 'spiffe://prod.example';
const account = 'system:serviceaccount:payments:mailer';

beforeAll(async () => {
  [cluster, ci, spire, late] = await Promise.all([
    newSigningKey('cluster-1').then((key) => JwtIssuer.start(key)),
    newSigningKey('ci-1').then((key) => JwtIssuer.start(key)),
    newSigningKey('spire-1', 'ES256', 'jwt-svid').then((key) => JwtIssuer.start(key)),
    newSigningKey('late-1', 'EdDSA').then((key) => JwtIssuer.start(key)),
  ]);
  late.isDown = true;
  process.env['GRANTKEEPER_JWT_ISSUERS'] = JSON.stringify([
    { issuer: cluster.url, audience: 'grantkeeper' },
    { issuer: ci.url, audience: 'grantkeeper', jwks_uri: `${ci.url}/keys` },
    { issuer: spiffeIssuer, audience: 'grantkeeper', jwks_uri: `${spire.url}/keys` },
    { issuer: late.url, audience: 'grantkeeper' },
  ]);
  api = await runApi();
  [acme, globex] = await Promise.all([api.tenant('acme'), api.tenant('globex')]);
  await Promise.all([acme.connect('main'), globex.connect('main')]);
});
afterAll(async () => {
  delete process.env['GRANTKEEPER_JWT_ISSUERS'];
  await api.close();
  await Promise.all([cluster, ci, spire, late].map((issuer) => issuer.close()));
});

function bind(tenant: RunningTenant, body: Record<string, unknown>) {
  return expectStatus(201, tenant.tenantAdmin('POST', `${tenant.path}/workload_identities`, body));
}

const read = (jwt: string, tenant = acme, connection = 'main') =>
  api.as(jwt)('GET', `${tenant.path}/connections/${connection}/token`);
const statusOf = async (jwt: string, tenant = acme) => (await read(jwt, tenant)).status;

/** As the API server of Kubernetes makes them, projected into a pod. */
const ofPod = (sub = account) => ({
  aud: ['grantkeeper'],
  sub,
  jti: '4f0d',
  'kubernetes.io': { namespace: 'payments', serviceaccount: { name: 'mailer', uid: '1' } },
});

describe('a workload identity', () => {
  it('is made, listed, read and deleted by an administrator of the tenant', async () => {
    const body = {
      id: 'deploy',
      issuer: ci.url,
      audience: 'deploys',
      match: { sub: { glob: 'repo:acme/*' }, ref: 'refs/heads/main' },
      role: 'token_reader',
      connections: ['main'],
    };
    const made = await bind(acme, body);
    expect(made.json).toEqual({ ...body, created_at: expect.any(String) });
    const path = `${acme.path}/workload_identities`;
    expect((await acme.tenantAdmin('GET', path)).json.items).toEqual([made.json]);
    expect((await acme.tenantAdmin('GET', `${path}/deploy`)).json).toEqual(made.json);
    expect((await acme.tenantAdmin('POST', path, body)).status).toBe(409);
    for (const caller of [acme.connector, acme.reader]) expect((await caller('GET', path)).status).toBe(403);
    for (const at of ['', '/deploy']) {
      expect((await globex.tenantAdmin('GET', `${path}${at}`)).status).toBe(404);
    }
    expect((await globex.tenantAdmin('GET', `${globex.path}/workload_identities/deploy`)).status).toBe(404);
    expect((await acme.tenantAdmin('DELETE', `${path}/deploy`)).status).toBe(204);
    expect((await acme.tenantAdmin('DELETE', `${path}/deploy`)).status).toBe(404);
  });

  it.each<[string, Record<string, unknown>]>([
    ['issuer', { issuer: 'https://not-listed.example' }],
    ['issuer', { issuer: undefined }],
    ['match', { match: {} }],
    ['match', { match: { sub: { glob: '**' } } }],
    ['match.aud', { match: { aud: 'grantkeeper' } }],
    ['match.sub', { match: { sub: 1 } }],
    ['match.sub', { match: { sub: { glob: 'a', regex: 'b' } } }],
    ['role', { role: 'platform_admin' }],
    ['role', { role: undefined }],
    ['connections', { role: 'connector', connections: ['main'] }],
    ['id', { id: 'No Slug' }],
    ['tenant', { tenant: 'globex' }],
  ])('is refused for its %s: %j', async (field, change) => {
    const body = { issuer: ci.url, match: { sub: 'x' }, role: 'token_reader', ...change };
    const answer = await acme.tenantAdmin('POST', `${acme.path}/workload_identities`, body);
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    expect(JSON.stringify(answer.json.errors)).toContain(field.split('.')[0]);
  });
});

describe('a JWT', () => {
  beforeAll(async () => {
    await bind(acme, { id: 'mailer', issuer: cluster.url, match: { sub: account }, role: 'token_reader' });
  });

  it('of a Kubernetes service account reads tokens of its tenant, and does nothing else', async () => {
    const jwt = await cluster.sign(ofPod());
    for (const time of ['first', 'remembered']) expect([time, await statusOf(jwt)]).toEqual([time, 200]);
    expect((await api.as(jwt)('GET', `${acme.path}/connections`)).status).toBe(403);
    expect((await api.as(jwt)('POST', `${acme.path}/connections/main/token/rejections`, {})).status).toBe(
      400,
    );
    expect(await statusOf(jwt, globex)).toBe(401);
    expect((await api.as(jwt)('GET', '/v1/tenants/nobody/connections/main/token')).status).toBe(401);
    for (const path of ['/v1/tenants', '/v1/providers', '/v1/api_keys']) {
      expect((await api.as(jwt)('GET', path)).status).toBe(401);
    }
    expect(await statusOf(await cluster.sign(ofPod('system:serviceaccount:payments:other')))).toBe(401);
  });

  it('of a SPIFFE workload comes in under the keys of its trust domain', async () => {
    await bind(acme, {
      id: 'spiffe',
      issuer: spiffeIssuer,
      match: { sub: { glob: 'spiffe://prod.example/ns/*/sa/billing' } },
      role: 'tenant_admin',
    });
    const svid = (sub: string) => spire.sign({ iss: spiffeIssuer, aud: ['grantkeeper', 'other'], sub });
    const jwt = await svid('spiffe://prod.example/ns/prod/sa/billing');
    expect((await api.as(jwt)('GET', `${acme.path}/credentials`)).status).toBe(200);
    for (const sub of [
      'spiffe://prod.example/ns/prod/sa/billing2',
      'xspiffe://prod.example/ns/a/sa/billing',
    ]) {
      expect(await statusOf(await svid(sub))).toBe(401);
    }
  });

  it('is named in the audit by its issuer and subject', async () => {
    const jwt = await spire.sign({ iss: spiffeIssuer, sub: 'spiffe://prod.example/ns/x/sa/billing' });
    await expectStatus(200, api.as(jwt)('POST', `${acme.path}/connections/main/renew`));
    const events = (await acme.tenantAdmin('GET', `${acme.path}/audit_events?limit=200`)).json.items;
    expect(events).toContainEqual(
      expect.objectContaining({
        actor: `${spiffeIssuer} spiffe://prod.example/ns/x/sa/billing`,
        target: `${acme.path}/connections/main/renew`,
      }),
    );
  });

  it('is refused once its workload identity is deleted, within a second', async () => {
    await bind(acme, { id: 'gone', issuer: cluster.url, match: { sub: 'gone' }, role: 'token_reader' });
    const jwt = await cluster.sign({ sub: 'gone' });
    expect(await statusOf(jwt)).toBe(200);
    await expectStatus(204, acme.tenantAdmin('DELETE', `${acme.path}/workload_identities/gone`));
    await eventually(async () => expect(await statusOf(jwt)).toBe(401), 1_000);
    await bind(acme, { id: 'gone', issuer: cluster.url, match: { sub: 'gone' }, role: 'token_reader' });
    expect(await statusOf(jwt)).toBe(200);
  });

  it('gets the strongest role of those that match it, and one tenant never that of another', async () => {
    const sub = 'strong';
    const two = [['main'], ['second']];
    for (const connections of two) {
      await bind(acme, { issuer: ci.url, match: { sub }, role: 'token_reader', connections });
    }
    await acme.connect('third');
    const narrow = await ci.sign({ sub });
    expect((await read(narrow, acme, 'main')).status).toBe(200);
    expect((await read(narrow, acme, 'second')).status).toBe(404);
    expect((await read(narrow, acme, 'third')).status).toBe(403);
    await bind(acme, { issuer: ci.url, match: { sub: { glob: 'str?ng' } }, role: 'tenant_admin' });
    await bind(globex, { issuer: ci.url, match: { sub }, role: 'connector' });
    await eventually(async () => expect((await read(narrow, acme, 'third')).status).toBe(200), 1_000);
    expect((await api.as(narrow)('GET', `${globex.path}/connections`)).status).toBe(200);
    expect((await api.as(narrow)('GET', `${globex.path}/credentials`)).status).toBe(403);
    expect(await statusOf(narrow, globex)).toBe(403);
  });

  it('is matched by every claim that is named, and by the audience of the identity where it has one', async () => {
    await bind(acme, {
      issuer: ci.url,
      audience: 'deploys',
      match: { repository: 'acme/shop', groups: 'ops', protected: 'true' },
      role: 'token_reader',
    });
    const claims = { repository: 'acme/shop', groups: ['dev', 'ops'], protected: true, aud: 'deploys' };
    expect(await statusOf(await ci.sign(claims))).toBe(200);
    for (const wrong of [
      { aud: 'grantkeeper' },
      { aud: ['deploys2', 'deploy'] },
      { aud: undefined },
      { repository: 'acme/shop2' },
      { repository: undefined },
      { groups: ['dev'] },
      { groups: { ops: true } },
      { protected: false },
      { sub: 'a\u0000b' },
      { sub: 's'.repeat(1_100) },
    ]) {
      expect({ ...wrong, status: await statusOf(await ci.sign({ ...claims, ...wrong })) }).toMatchObject({
        status: 401,
      });
    }
  });
});

describe('a JWT is refused', () => {
  const seconds = (ahead: number) => Math.floor(Date.now() / 1_000) + ahead;

  it.each<[string, number, () => Record<string, unknown>]>([
    ['for another audience', 401, () => ({ aud: 'grantkeeper.example' })],
    ['for no audience', 401, () => ({ aud: undefined })],
    ['of an issuer spelt otherwise', 401, () => ({ iss: `${cluster.url}/` })],
    ['of an issuer that is not listed', 401, () => ({ iss: 'https://evil.example' })],
    ['of another listed issuer than the one whose key signed it', 401, () => ({ iss: spiffeIssuer })],
    ['without an end', 401, () => ({ exp: undefined })],
    ['with an end that is no number', 401, () => ({ exp: String(seconds(300)) })],
    ['after its end and the leeway', 401, () => ({ exp: seconds(-62) })],
    ['not within the leeway after its end', 200, () => ({ exp: seconds(-50) })],
    ['before its beginning', 401, () => ({ nbf: seconds(70) })],
    ['not within the leeway before its beginning', 200, () => ({ nbf: seconds(50) })],
    ['with a subject that is no string', 401, () => ({ sub: [account] })],
  ])('%s (%i)', async (_, status, claims) => {
    expect(await statusOf(await cluster.sign({ ...ofPod(), ...claims() }))).toBe(status);
  });

  it.each<[string, number, Record<string, unknown>]>([
    ['that must be understood', 401, { crit: ['b64'], b64: true }],
    ['of a logout', 401, { typ: 'logout+jwt' }],
    ['that is no text', 401, { typ: 1 }],
    ['without a kid, which is fine', 200, { kid: undefined }],
    ['of an access token, which is fine', 200, { typ: 'application/at+jwt' }],
  ])('for a header %s (%i)', async (_, status, header) => {
    expect(await statusOf(await cluster.sign(ofPod(), header))).toBe(status);
  });

  it('where the header brings its own key, or says where to find one', async () => {
    const evil = await newSigningKey('cluster-1');
    const lure = await JwtIssuer.start(evil);
    try {
      for (const header of [
        { jwk: evil.publicJwk },
        { jku: `${lure.url}/keys` },
        { x5u: `${lure.url}/keys` },
      ]) {
        expect(await statusOf(await cluster.sign(ofPod(), header, evil))).toBe(401);
        // Ignored, where the key is right.
        expect(await statusOf(await cluster.sign(ofPod(), header))).toBe(200);
      }
      expect(lure.asked).toEqual([]);
    } finally {
      await lure.close();
    }
  });

  it('where the public key is used as a shared secret, or there is no signature', async () => {
    const good = await cluster.sign(ofPod());
    const [, payload = '', signature = ''] = good.split('.');
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const jwk = cluster.key.publicJwk as JWK & Record<string, string>;
    const spki = createPublicKey({ key: jwk, format: 'jwk' });
    const secrets = [
      spki.export({ type: 'spki', format: 'pem' }),
      spki.export({ type: 'spki', format: 'der' }),
      JSON.stringify(jwk),
    ];
    for (const secret of secrets) {
      const input = `${part({ alg: 'HS256', kid: 'cluster-1', typ: 'JWT' })}.${payload}`;
      const forged = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
      expect(await statusOf(forged)).toBe(401);
    }
    for (const alg of ['none', 'None', 'RS256']) {
      expect(await statusOf(`${part({ alg, kid: 'cluster-1' })}.${payload}.`)).toBe(401);
    }
    const [header = ''] = good.split('.');
    const changed = part({ ...JSON.parse(Buffer.from(payload, 'base64url').toString()), sub: 'admin' });
    expect(await statusOf(`${header}.${changed}.${signature}`)).toBe(401);
    for (const odd of [`${header}.e30.${signature}`, `${header}.${part('text')}.`, 'a.b.c', `${header}..`]) {
      expect(await statusOf(odd)).toBe(401);
    }
  });
});

describe('the keys of an issuer', () => {
  let rotating: SigningKey;

  it('are read again for one that is new, and for made-up ones at most once in 30 seconds', async () => {
    const old = ci.key;
    await bind(acme, { issuer: ci.url, match: { sub: 'keys' }, role: 'token_reader' });
    expect(await statusOf(await ci.sign({ sub: 'keys' }))).toBe(200);
    const before = ci.keyReads;
    await ci.rotate('ci-2');
    rotating = ci.key;
    const jwts = await Promise.all(
      Array.from({ length: 5 }, (_, jti) => ci.sign({ sub: 'keys', jti: `${jti}` })),
    );
    expect(await Promise.all(jwts.map((jwt) => statusOf(jwt)))).toEqual([200, 200, 200, 200, 200]);
    expect(ci.keyReads).toBe(before + 1);
    for (let round = 0; round < 10; round += 1) {
      expect(await statusOf(await ci.sign({ sub: 'keys' }, { kid: `made-up-${round}` }))).toBe(401);
    }
    expect(ci.keyReads).toBe(before + 1);
    expect(await statusOf(await ci.sign({ sub: 'keys' }, {}, old))).toBe(200);
  });

  it('serve on while they cannot be read', async () => {
    ci.isDown = true;
    expect(await statusOf(await ci.sign({ sub: 'keys' }, {}, rotating))).toBe(200);
  });

  it('that were never read: the caller is told to try again, and comes in once they are there', async () => {
    await bind(acme, { issuer: late.url, match: { sub: 'late' }, role: 'token_reader' });
    const jwt = await late.sign({ sub: 'late' });
    const answer = await read(jwt);
    expect(answer).toMatchObject({ status: 503, json: { code: 'unavailable', remedy: expect.any(String) } });
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    late.isDown = false;
    await eventually(async () => expect(await statusOf(jwt)).toBe(200));
  });
});
