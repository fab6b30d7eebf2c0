import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Loopback, serve } from '#testing';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from './running-api.js';

/** The answer of a strict server, and the refresh tokens it was sent. */
let body: object;
const presented: string[] = [];

let api: RunningApi;
let tenant: RunningTenant;
let server: Loopback;
beforeAll(async () => {
  api = await runApi();
  server = await serve((request, response) => {
    let form = '';
    request.on('data', (chunk) => {
      form += chunk;
    });
    request.on('end', () => {
      presented.push(new URLSearchParams(form).get('refresh_token') ?? '');
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
});
beforeEach(async () => {
  tenant = await api.tenant();
  presented.length = 0;
  await expectStatus(
    201,
    tenant.tenantAdmin('POST', `${tenant.path}/credentials`, {
      id: 'app',
      provider: 'generic-oauth2',
      client_id: 'app',
      client_secret: 'a secret of this app',
      settings: { token_endpoint: `${server.origin}/token` },
    }),
  );
});
afterAll(async () => {
  await api.close();
  await server.close();
});

const connect = (grant: object) =>
  tenant.tenantAdmin('POST', `${tenant.path}/connections`, { id: 'main', credential: 'app', ...grant });
const importing = { grant: 'refresh_token', refresh_token: 'rt0-of-the-import' };
const path = () => `${tenant.path}/connections/main`;

describe('a first answer that cannot be read', () => {
  it('of what cannot be asked for again is 202, kept, and usable once the settings are mended', async () => {
    body = { access_token: 'at1', refresh_token: 'rt1', token_type: 'Bearer' };
    const made = await connect(importing);
    expect(made).toMatchObject({
      status: 202,
      json: {
        status: 'pending',
        last_error: { code: 'malformed_response', provider_error: { status: 200, member: 'expires_in' } },
      },
    });
    expect(JSON.stringify(made.json)).not.toMatch(/at1|rt1|rt0/);
    expect(await tenant.reader('GET', `${path()}/token`)).toMatchObject({
      status: 409,
      json: { code: 'authorization_pending' },
    });
    const settings = { token_endpoint: `${server.origin}/token`, assumed_expires_in: 1_800 };
    await expectStatus(200, tenant.tenantAdmin('PATCH', `${tenant.path}/credentials/app`, { settings }));
    await expectStatus(200, tenant.tenantAdmin('POST', `${path()}/renew`));
    expect(presented).toEqual(['rt0-of-the-import']);
    expect(await tenant.reader('GET', `${path()}/token`)).toMatchObject({
      status: 200,
      json: { access_token: 'at1', generation: 1 },
    });
    body = { access_token: 'at2', refresh_token: 'rt2', token_type: 'Bearer', expires_in: 60 };
    await expectStatus(200, tenant.tenantAdmin('POST', `${path()}/renew`));
    expect(presented).toEqual(['rt0-of-the-import', 'rt1']);
  });

  it('of client credentials is 422, and nothing is saved', async () => {
    body = { access_token: 'at1', token_type: 'bot', expires_in: 60 };
    expect(await connect({ grant: 'client_credentials' })).toMatchObject({
      status: 422,
      json: {
        code: 'provider_rejected',
        provider_error: { code: 'malformed_response', status: 200, member: 'token_type' },
        remedy: expect.stringMatching(/\w/),
      },
    });
    expect((await tenant.tenantAdmin('GET', path())).status).toBe(404);
  });
});
