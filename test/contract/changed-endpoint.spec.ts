import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { contactCenterClient } from '../support/onboarding.js';
import { selfSigned } from '../support/self-signed.js';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from './running-api.js';

const secret = 'the-secret-in-use-0123456789';
const refreshToken = 'the-refresh-token-0123456789';
const privateKey = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
}).privateKey;

let api: RunningApi;
let tenant: RunningTenant;
let trusted: Recorder;
let elsewhere: Recorder;
beforeAll(async () => {
  api = await runApi();
  trusted = await record();
  elsewhere = await record();
});
beforeEach(async () => {
  tenant = await api.tenant();
  elsewhere.requests.length = 0;
});
afterAll(async () => {
  await api.close();
  for (const { server } of [trusted, elsewhere]) server.close();
});

describe('a changed endpoint does not get what is stored', () => {
  it.each(['tenant admin', 'platform admin'])('by a %s, without the secret', async (who) => {
    const client = who === 'tenant admin' ? tenant.tenantAdmin : api.admin;
    const { credential, connection } = await onboard();
    const settings = { token_endpoint: elsewhere.url };
    for (const body of [{ settings }, { settings, client_id: 'other' }]) {
      expect(await client('PATCH', `${credential}?verify=true`, body)).toMatchObject({
        status: 400,
        json: { code: 'invalid_request', errors: [{ field: 'settings.token_endpoint' }] },
      });
      expect((await client('PATCH', credential, body)).status).toBe(400);
    }
    await expectStatus(200, client('POST', `${connection}/renew`));
    expect(elsewhere.requests).toEqual([]);
    const read = await client('GET', credential);
    expect(read.json).toMatchObject({ client_id: 'app', settings: { token_endpoint: trusted.url } });
  });

  it.each(['tenant admin', 'platform admin'])('by a %s, with a made-up secret', async (who) => {
    const client = who === 'tenant admin' ? tenant.tenantAdmin : api.admin;
    const { credential, connection } = await onboard();
    const made = { client_secret: 'made-up' };
    await expectStatus(201, client('POST', `${credential}/secrets`, made));
    expect(
      await client('PATCH', credential, { ...made, settings: { token_endpoint: elsewhere.url } }),
    ).toMatchObject({ status: 400, json: { errors: [{ field: 'client_secret' }] } });
    await client('POST', `${connection}/renew`);
    expect(elsewhere.requests).toEqual([]);
  });

  it('with the secret in use it does, and twice is once', async () => {
    const { credential, connection } = await onboard();
    const body = { client_secret: secret, settings: { token_endpoint: elsewhere.url } };
    await expectStatus(200, tenant.tenantAdmin('PATCH', credential, body));
    await expectStatus(200, tenant.tenantAdmin('PATCH', credential, body));
    await expectStatus(200, tenant.tenantAdmin('POST', `${connection}/renew`));
    expect(elsewhere.requests).toEqual([expect.stringContaining(`client_secret=${secret}`)]);
  });

  it('nor any older secret, where no connection is there', async () => {
    const { credential } = await onboard({ connects: false });
    await expectStatus(
      201,
      tenant.tenantAdmin('POST', `${credential}/secrets`, { client_secret: 'the-next-secret' }),
    );
    const body = { client_secret: 'for-elsewhere-only', settings: { token_endpoint: elsewhere.url } };
    await expectStatus(200, tenant.tenantAdmin('PATCH', credential, body));
    elsewhere.answer = { status: 401, body: { error: 'invalid_client' } };
    await tenant.tenantAdmin('POST', `${credential}/verify`);
    const connection = { credential: 'app', grant: 'refresh_token', refresh_token: 'its-own' };
    await tenant.tenantAdmin('POST', `${tenant.path}/connections`, connection);
    elsewhere.answer = undefined;
    const secrets = elsewhere.requests.map((form) => new URLSearchParams(form).get('client_secret'));
    expect(new Set(secrets)).toEqual(new Set(['for-elsewhere-only']));
  });

  it('of a client without a secret, as long as it has connections', async () => {
    const { credential, connection } = await onboard({ isPublic: true });
    const settings = { token_endpoint: elsewhere.url };
    for (const body of [{ settings }, { settings, client_secret: 'made-up' }]) {
      expect((await tenant.tenantAdmin('PATCH', credential, body)).status).toBe(400);
    }
    await tenant.tenantAdmin('POST', `${connection}/renew`);
    expect(elsewhere.requests).toEqual([]);
    await expectStatus(204, tenant.tenantAdmin('DELETE', connection));
    await expectStatus(200, tenant.tenantAdmin('PATCH', credential, { settings }));
  });
});

const endpoint = 'https://elsewhere.example/x';
const guarded: Readonly<Record<string, { client: object; settings: object; changes: object }>> = {
  'generic-oauth2': {
    client: { client_secret: secret },
    settings: { issuer: 'https://as.example', token_endpoint: 'https://as.example/token' },
    changes: {
      preset: 'google',
      issuer: endpoint,
      token_endpoint: endpoint,
      authorization_endpoint: endpoint,
      backchannel_authentication_endpoint: endpoint,
      revocation_endpoint: endpoint,
      refresh_endpoint: endpoint,
      device_authorization_endpoint: endpoint,
      introspection_endpoint: endpoint,
      userinfo_endpoint: endpoint,
      probe_url: endpoint,
      jwks_uri: endpoint,
      resource: endpoint,
      audience: 'x',
      client_auth: 'client_secret_post',
      client_auth_by_grant: { password: 'none' },
      basic_encoding: 'raw',
      client_id_in_body: true,
      client_certificate: selfSigned().cert,
      token_endpoint_auth_signing_alg: 'ES256',
      client_assertion_kid: 'x',
      client_assertion_audience: 'token_endpoint',
      assertion_audience: endpoint,
      assertion_claims: { x: 'y' },
      bearer_jwt_client_claim: 'sub',
      token_parameters: { x: 'y' },
      token_parameters_by_grant: { refresh_token: { x: 'y' } },
      token_headers: { 'X-Account': 'y' },
      token_request_format: 'json',
      grant_type_names: { refresh_token: 'renew' },
      authorization_parameters: { x: 'y' },
      code_challenge_method: 'none',
      authorization_response_iss_parameter_supported: true,
    },
  },
  'vonage-contact-center': {
    client: { client_secret: secret },
    settings: { region: 'emea' },
    changes: { region: 'nam', auth_generation: 'current', version: 'v1', client_auth: 'body' },
  },
  'vonage-business': {
    client: { client_secret: secret },
    settings: {},
    changes: { revocation_path: '/revoke' },
  },
  'vonage-network': { client: { private_key: privateKey }, settings: {}, changes: { region: 'us' } },
  'net2phone-canada': {
    client: { client_secret: secret },
    settings: {},
    changes: { authorize_path: '/oauth/authorize/', refresh_client_auth: 'id_only' },
  },
};
const free: Readonly<Record<string, object>> = {
  'generic-oauth2': {
    default_scope: 'calls',
    scope_separator: ',',
    send_scope: false,
    login_hint_prefix: 'tel:',
    username_suffix: '@x',
    allow_password_grant: true,
    assumed_expires_in: 60,
    assumed_refresh_expires_in: 60,
    token_type_optional: true,
    send_scope_on_refresh: true,
    token_path: 'data',
    token_types: ['bot'],
    expires_in_unit: 'ms',
    expires_at_field: 'expires_at',
    tokens_never_expire: false,
    token_fields: { host: 'instance_url' },
    callback_fields: ['realmId'],
    account_from: 'token_response',
    account_id_path: 'user.id',
    error_paths: ['status'],
    error_codes: { x: 'invalid_grant' },
    error_rules: [{ status: 418, code: 'invalid_grant' }],
    renewal_lead_seconds: 30,
    rotation: 'none',
    one_token_per_user: true,
  },
  'vonage-network': { login_hint_prefix: '', scopes_field: 'scope' },
  'vonage-business': {},
  'net2phone-canada': {},
};
const common = { upstream_hosts: ['api.example:8443', '[::1]', 'local_host'] };
const codeFlow = {
  redirect_uri: 'https://app.example/back',
  return_urls: ['https://app.example/'],
  allow_unconfirmed: true,
};

describe.each(Object.entries(guarded))('%s', (provider, { client, settings, changes }) => {
  const make = async () => {
    const body = { id: 'own', provider, client_id: 'own', ...client, settings };
    await expectStatus(201, tenant.tenantAdmin('POST', `${tenant.path}/credentials`, body));
    return `${tenant.path}/credentials/own`;
  };

  it.each(Object.entries(changes))('changes %s only with the secret', async (name, value) => {
    const path = await make();
    const change = { settings: { [name]: value } };
    const refused = await tenant.tenantAdmin('PATCH', path, change);
    const fields = refused.json.errors?.map(({ field }: { field: string }) => field);
    expect([refused.status, fields]).toEqual([400, expect.arrayContaining([`settings.${name}`])]);
    const changed = await expectStatus(200, tenant.tenantAdmin('PATCH', path, { ...client, ...change }));
    expect(changed.json.settings[name]).toEqual(value);
    const taken = { settings: { [name]: null, ...settings } };
    expect((await tenant.tenantAdmin('PATCH', path, taken)).status).toBe(400);
  });

  it('leaves what has no part in it free, and what stays as it is', async () => {
    const path = await make();
    const { json } = await tenant.tenantAdmin('GET', path);
    await expectStatus(200, tenant.tenantAdmin('PATCH', path, { settings: json.settings }));
    const change = { settings: { ...common, ...(free[provider] && codeFlow), ...free[provider] } };
    await expectStatus(200, tenant.tenantAdmin('PATCH', path, change));
    expect(await tenant.tenantAdmin('PATCH', path, { ...client, settings: {} })).toMatchObject({
      status: 400,
      json: { errors: [{ field: Object.keys(client)[0] }] },
    });
  });
});

it('a default that is written out is no change', async () => {
  const { credential } = await onboard();
  const settings = { basic_encoding: 'form', client_assertion_audience: 'issuer', send_scope: true };
  await expectStatus(200, tenant.tenantAdmin('PATCH', credential, { settings }));
  const written = { settings: { auth_generation: 'legacy', version: 'v0', client_auth: 'basic' } };
  const path = `${tenant.path}/credentials/client`;
  await expectStatus(200, tenant.tenantAdmin('PATCH', path, written));
  expect(contactCenterClient.settings).not.toHaveProperty('version');
});

it('changes an input of a preset only with the secret, for it is a part of the addresses', async () => {
  const path = `${tenant.path}/credentials/own`;
  const settings = { preset: 'zendesk', preset_inputs: { subdomain: 'acme' } };
  const body = { id: 'own', provider: 'generic-oauth2', client_id: 'own', client_secret: secret, settings };
  await expectStatus(201, tenant.tenantAdmin('POST', `${tenant.path}/credentials`, body));
  const change = { settings: { preset_inputs: { subdomain: 'others' } } };
  const refused = await tenant.tenantAdmin('PATCH', path, change);
  const fields = refused.json.errors.map(({ field }: { field: string }) => field);
  expect([refused.status, fields.sort()]).toEqual([
    400,
    ['settings.authorization_endpoint', 'settings.preset_inputs', 'settings.token_endpoint'],
  ]);
  await expectStatus(200, tenant.tenantAdmin('PATCH', path, { settings }));
  const changed = { client_secret: secret, ...change };
  expect((await expectStatus(200, tenant.tenantAdmin('PATCH', path, changed))).json.settings).toEqual({
    preset: 'zendesk',
    preset_inputs: { subdomain: 'others' },
  });
});

it('no setting of any provider is left out here', async () => {
  for (const { id, settings_schema } of (await api.admin('GET', '/v1/providers')).json.items) {
    const own = { ...guarded[id]?.changes, ...common, ...(free[id] && codeFlow), ...free[id] };
    const known = [...Object.keys(own), ...(id === 'generic-oauth2' ? ['preset_inputs'] : [])];
    const rest = Object.keys(settings_schema.properties).filter((name) => !known.includes(name));
    expect([id, rest]).toEqual([id, []]);
  }
});

async function onboard({ connects = true, isPublic = false } = {}) {
  const credential = `${tenant.path}/credentials/app`;
  const connection = `${tenant.path}/connections/grant`;
  await expectStatus(
    201,
    tenant.tenantAdmin('POST', `${tenant.path}/credentials`, {
      id: 'app',
      provider: 'generic-oauth2',
      client_id: 'app',
      ...(isPublic ? {} : { client_secret: secret }),
      settings: {
        token_endpoint: trusted.url,
        client_auth: isPublic ? 'none' : 'client_secret_post',
        rotation: 'none',
      },
    }),
  );
  if (connects) {
    await expectStatus(
      201,
      tenant.tenantAdmin('POST', `${tenant.path}/connections`, {
        id: 'grant',
        credential: 'app',
        grant: 'refresh_token',
        refresh_token: refreshToken,
      }),
    );
  }
  return { credential, connection };
}

interface Recorder {
  readonly server: Server;
  readonly url: string;
  readonly requests: string[];
  answer: { status: number; body: object } | undefined;
}

/** A token endpoint that writes down what it is sent. */
async function record(): Promise<Recorder> {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push(body);
    const { answer } = recorder;
    response.writeHead(answer?.status ?? 200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(answer?.body ?? { access_token: 'a-token', token_type: 'Bearer', expires_in: 600 }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const recorder: Recorder = { server, url: `http://127.0.0.1:${port}/token`, requests, answer: undefined };
  return recorder;
}
