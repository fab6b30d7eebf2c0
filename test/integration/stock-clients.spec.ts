import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { OAuth2Client } from '@badgateway/oauth2-client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import axios from 'axios';
import * as openid from 'openid-client';
import { ClientCredentials } from 'simple-oauth2';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from '../contract/running-api.js';
import { JwtIssuer, newSigningKey } from '../support/jwt-issuer.js';
import type { Key } from '../support/token-request.js';

const run = promisify(execFile);
const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const jwtType = 'urn:ietf:params:oauth:token-type:jwt';
const account = 'system:serviceaccount:payments:mailer';

let cluster: JwtIssuer;
let api: RunningApi;
let acme: RunningTenant;
let client: Key;
/** The token of the connection, as `GET …/token` has it. */
let token: string;
let connectionUrl: string;
beforeAll(async () => {
  cluster = await JwtIssuer.start(await newSigningKey('cluster-1'));
  process.env['GRANTKEEPER_JWT_ISSUERS'] = JSON.stringify([{ issuer: cluster.url, audience: 'grantkeeper' }]);
  api = await runApi();
  acme = await api.tenant('acme');
  await acme.connect('main');
  const key = { name: 'stock', role: 'token_reader' };
  client = (await expectStatus(201, acme.tenantAdmin('POST', `${acme.path}/api_keys`, key))).json;
  const identity = { issuer: cluster.url, match: { sub: account }, role: 'token_reader' };
  await expectStatus(201, acme.tenantAdmin('POST', `${acme.path}/workload_identities`, identity));
  connectionUrl = `${api.origin}${acme.path}/connections/main`;
  token = (await acme.reader('GET', `${acme.path}/connections/main/token`)).json.access_token;
});
afterAll(async () => {
  delete process.env['GRANTKEEPER_JWT_ISSUERS'];
  await api.close();
  await cluster.close();
});

/** Everything that a program of another language needs to know. */
const environment = () => ({
  ...process.env,
  TOKEN_URL: `${api.origin}/oauth2/token`,
  CLIENT_ID: client.id,
  CLIENT_SECRET: client.key,
});

describe('openid-client', () => {
  const discover = (issuer: string, authentication: openid.ClientAuth) =>
    openid.discovery(new URL(issuer), client.id, {}, authentication, {
      algorithm: 'oauth2',
      execute: [openid.allowInsecureRequests],
    });

  it('finds the endpoint by its metadata, and names the connection by audience or resource', async () => {
    for (const authentication of [
      openid.ClientSecretBasic(client.key),
      openid.ClientSecretPost(client.key),
    ]) {
      const config = await discover(api.origin, authentication);
      for (const target of [{ audience: 'acme/main' }, { resource: connectionUrl }]) {
        const answer = await openid.clientCredentialsGrant(config, target);
        expect(answer.access_token).toBe(token);
        expect(answer.expiresIn()).toBeGreaterThan(0);
      }
    }
  });

  it('takes a connection for an issuer of its own', async () => {
    const config = await discover(connectionUrl, openid.ClientSecretPost(client.key));
    expect((await openid.clientCredentialsGrant(config)).access_token).toBe(token);
  });

  it('exchanges the JWT of a service account', async () => {
    const config = await discover(api.origin, openid.None());
    const answer = await openid.genericGrantRequest(config, exchange, {
      subject_token: await cluster.sign({ sub: account }),
      subject_token_type: jwtType,
      audience: 'acme/main',
    });
    expect(answer.access_token).toBe(token);
  });

  it('understands a refusal', async () => {
    const config = await discover(api.origin, openid.ClientSecretPost(client.key));
    await expect(openid.clientCredentialsGrant(config, { audience: 'acme/no' })).rejects.toMatchObject({
      error: 'invalid_target',
      status: 400,
    });
    const wrong = await discover(api.origin, openid.ClientSecretBasic('wrong'));
    await expect(openid.clientCredentialsGrant(wrong, { audience: 'acme/main' })).rejects.toThrow();
  });
});

describe('simple-oauth2', () => {
  it.each(['header', 'body'] as const)('authenticates in the %s', async (authorizationMethod) => {
    const oauth = new ClientCredentials({
      client: { id: client.id, secret: client.key },
      auth: { tokenHost: api.origin, tokenPath: '/oauth2/token' },
      options: { authorizationMethod },
    });
    const answer = await oauth.getToken({ audience: 'acme/main' } as Record<string, string>);
    expect(answer.token['access_token']).toBe(token);
    expect(answer.expired()).toBe(false);
  });
});

describe('@badgateway/oauth2-client', () => {
  it('discovers the endpoint, and names the resource', async () => {
    const oauth = new OAuth2Client({ server: api.origin, clientId: client.id, clientSecret: client.key });
    const answer = await oauth.clientCredentials({ resource: connectionUrl });
    expect(answer.accessToken).toBe(token);
    expect(answer.expiresAt).toBeGreaterThan(Date.now());
  });
});

describe('axios', () => {
  it('writes the token onto requests by an interceptor', async () => {
    const http = axios.create({ baseURL: api.sandbox.origin, validateStatus: () => true });
    http.interceptors.request.use(async (request) => {
      const form = new URLSearchParams({ grant_type: 'client_credentials' });
      const auth = { username: client.id, password: client.key };
      const { data } = await axios.post(`${connectionUrl}/oauth2/token`, form, { auth });
      request.headers.set('Authorization', `${data.token_type} ${data.access_token}`);
      return request;
    });
    const { config } = await http.get('/');
    expect(config.headers.get('Authorization')).toMatch(new RegExp(`^bearer ${token}$`, 'i'));
  });
});

describe('other programs', () => {
  it('curl', async () => {
    const data = ['grant_type=client_credentials', 'audience=acme/main'].flatMap((pair) => ['-d', pair]);
    const { stdout } = await run(
      'sh',
      ['-c', 'curl -s -u "$CLIENT_ID:$CLIENT_SECRET" "$@" "$TOKEN_URL"', 'sh', ...data],
      {
        env: environment(),
      },
    );
    expect(JSON.parse(stdout)).toMatchObject({ access_token: token });
  });

  it('the standard library of Python', async () => {
    const program = [
      'import json, os, urllib.parse, urllib.request',
      'env = os.environ',
      'form = {"grant_type": "client_credentials", "audience": "acme/main",',
      '        "client_id": env["CLIENT_ID"], "client_secret": env["CLIENT_SECRET"]}',
      'with urllib.request.urlopen(env["TOKEN_URL"], urllib.parse.urlencode(form).encode()) as answer:',
      '    print(json.load(answer)["access_token"])',
    ].join('\n');
    const found = await run('python3', ['-c', program], { env: environment() }).catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== 'ENOENT') throw error;
      process.stdout.write('skipped: python3 is not installed\n');
      return undefined;
    });
    if (found) expect(found.stdout.trim()).toBe(token);
  });
});
