import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JwtIssuer, newSigningKey } from '../support/jwt-issuer.js';
import { basic, expectOAuth, expectRefused, type Key, tokenRequests } from '../support/token-request.js';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from './running-api.js';

const host = 'api.example.com';
let api: RunningApi;
let acme: RunningTenant;
let cluster: JwtIssuer;

describe('the token endpoint for workloads', () => {
  const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
  const type = (name: string) => `urn:ietf:params:oauth:token-type:${name}`;
  const pod = {
    sub: 'system:serviceaccount:payments:mailer',
    'kubernetes.io': { namespace: 'payments', serviceaccount: { name: 'mailer', uid: '1' } },
  };
  const svid = { iss: 'spiffe://prod.example', sub: 'spiffe://prod.example/payments/mailer' };
  const subject = async (claims: object) => ({
    grant_type: exchange,
    subject_token: await cluster.sign({ ...claims }),
    subject_token_type: type('jwt'),
  });
  const asserted = async (claims: object) => ({
    grant_type: 'client_credentials',
    client_assertion: await cluster.sign({ ...claims }),
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  });
  const main = { audience: 'acme/main' };
  const ask = (fields: Record<string, string>, headers = {}, path?: string) =>
    tokenRequests(api.anonymous)(fields, headers, path);

  beforeAll(async () => {
    cluster = await JwtIssuer.start(await newSigningKey('cluster-1'));
    process.env['GRANTKEEPER_JWT_ISSUERS'] = JSON.stringify([
      { issuer: cluster.url, audience: 'grantkeeper' },
      { issuer: svid.iss, audience: 'grantkeeper', jwks_uri: `${cluster.url}/keys` },
    ]);
    api = await runApi();
    acme = await api.tenant('acme');
    const settings = { upstream_hosts: [host] };
    await expectStatus(200, acme.tenantAdmin('PATCH', `${acme.path}/credentials/client`, { settings }));
    await Promise.all(['main', 'other', 'ended'].map((id) => acme.connect(id)));
    await api.database.query(
      `with ended as (update gk.connections set status = 'reauthorization_required' where slug = 'ended' returning id)
       delete from gk.token_sets where connection_id in (select id from ended)`,
      [],
    );
    const bind = (body: object) =>
      expectStatus(201, acme.tenantAdmin('POST', `${acme.path}/workload_identities`, body));
    const narrow = { role: 'token_reader', connections: ['main', 'ended'] };
    await bind({ issuer: cluster.url, match: { sub: pod.sub }, ...narrow });
    await bind({ issuer: svid.iss, match: { sub: { glob: 'spiffe://prod.example/payments/*' } }, ...narrow });
    await bind({ issuer: cluster.url, match: { sub: 'connects' }, role: 'connector' });
    await api.tenant('initech');
  });
  afterAll(async () => {
    delete process.env['GRANTKEEPER_JWT_ISSUERS'];
    await api.close();
    await cluster.close();
  });

  it.each<[string, object]>([
    ['Kubernetes', pod],
    ['SPIFFE', svid],
  ])('exchanges a JWT of %s, and takes it as the client', async (_, claims) => {
    const read = await expectStatus(200, acme.reader('GET', `${acme.path}/connections/main/token`));
    const { access_token } = read.json;
    for (const name of ['jwt', 'id_token', 'access_token']) {
      const more = { ...main, subject_token_type: type(name), requested_token_type: type('access_token') };
      const answer = await expectStatus(200, ask({ ...(await subject(claims)), ...more }));
      expectOAuth(answer);
      expect(answer.json).toMatchObject({ access_token, issued_token_type: type('access_token') });
    }
    const resource = `${api.origin}/v1/tenants/acme/connections/main`;
    await expectStatus(200, ask({ ...(await subject(claims)), resource }));
    const own = `${acme.path}/connections/main/oauth2/token`;
    await expectStatus(200, ask(await subject(claims), {}, own));
    const answer = await expectStatus(200, ask({ ...(await asserted(claims)), ...main }));
    expect(answer.json).toMatchObject({ access_token });
    expect(answer.json).not.toHaveProperty('issued_token_type');
    const { sub: client_id } = claims as { sub: string };
    await expectStatus(200, ask({ ...(await asserted(claims)), client_id }, {}, own));
  });

  it.each<[string, number, string, Record<string, string>]>([
    ['another subject', 400, 'invalid_request', { sub: 'system:serviceaccount:payments:other' }],
    ['an expired JWT', 400, 'invalid_request', { exp: '1' }],
    ['another audience', 400, 'invalid_request', { aud: 'elsewhere' }],
  ])('refuses %s', async (_, status, error, { exp, ...claims }) => {
    const odd = { ...pod, ...claims, ...(exp === undefined ? {} : { exp: Number(exp) }) };
    expectRefused(await ask({ ...(await subject(odd)), ...main }), status, error);
    expectRefused(await ask({ ...(await asserted(odd)), ...main }), 401, 'invalid_client');
  });

  it.each<[string, string, Record<string, string>]>([
    ['no subject_token', 'invalid_request', { subject_token: '' }],
    ['a key as subject_token', 'invalid_request', { subject_token: 'gk_r_no' }],
    ['no subject_token_type', 'invalid_request', { subject_token_type: '' }],
    ['another subject_token_type', 'invalid_request', { subject_token_type: type('saml2') }],
    ['another requested_token_type', 'invalid_request', { requested_token_type: type('refresh_token') }],
    ['an actor_token', 'invalid_request', { actor_token: 'x', actor_token_type: type('jwt') }],
    ['no target', 'invalid_target', { audience: '' }],
    ['a connection it may not read', 'invalid_target', { audience: 'acme/other' }],
    ['an unknown connection', 'invalid_target', { audience: 'acme/no' }],
    ['another tenant', 'invalid_request', { audience: 'initech/main' }],
    ['an unknown tenant', 'invalid_request', { audience: 'nobody/main' }],
    ['one that must be authorised again', 'invalid_grant', { audience: 'acme/ended' }],
  ])('refuses an exchange with %s', async (_, error, fields) => {
    expectRefused(await ask({ ...(await subject(pod)), ...main, ...fields }), 400, error);
  });

  it('refuses wrong clients beside a right subject, and several ways at once', async () => {
    const fields = { ...(await subject(pod)), ...main };
    const { json } = await acme.tenantAdmin('POST', `${acme.path}/api_keys`, {
      name: 'k',
      role: 'connector',
    });
    const { id, key: connector } = json as Key;
    await expectStatus(200, ask(fields, basic(id, connector)));
    expectRefused(await ask(fields, basic(id, 'gk_c_no')), 401, 'invalid_client');
    const both = { ...fields, ...(await asserted(pod)), grant_type: exchange };
    await expectStatus(200, ask(both));
    expectRefused(await ask(both, basic(id, connector)), 400, 'invalid_request');
    expectRefused(await ask({ ...both, client_secret: connector }), 400, 'invalid_request');
    expectRefused(await ask({ ...(await asserted(pod)), ...main, client_id: id }), 401, 'invalid_client');
    const untyped = { ...(await asserted(pod)), ...main, client_assertion_type: '' };
    expectRefused(await ask(untyped), 400, 'invalid_request');
    expectRefused(await ask({ ...untyped, client_assertion_type: 'saml' }), 401, 'invalid_client');
    expectRefused(
      await ask({ ...(await asserted({ sub: 'connects' })), ...main }),
      400,
      'unauthorized_client',
    );
  });

  it('opens forward_auth and batches to workloads too', async () => {
    const workload = api.as(await cluster.sign(pod));
    const forwarded = await workload('GET', `${acme.path}/connections/main/forward_auth`, undefined, {
      'x-forwarded-host': host,
    });
    expect(forwarded.status).toBe(200);
    const { items } = (await workload('POST', `${acme.path}/tokens`, { connections: ['main', 'other'] }))
      .json;
    expect(items).toMatchObject([{ access_token: expect.any(String) }, { error: { code: 'forbidden' } }]);
  });
});
