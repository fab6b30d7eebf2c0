import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jwtVerify } from 'jose';
import { type Loopback, serve } from '#testing';
import { expectStatus, type RunningApi, runApi } from './running-api.js';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const connections = '/v1/tenants/acme/connections';

describe('the grant jwt_bearer of generic-oauth2', () => {
  let api: RunningApi;
  let server: Loopback;
  let issued = 0;

  beforeAll(async () => {
    server = await serve(async (request, response) => {
      const form = new URLSearchParams(await text(request));
      const verified = await jwtVerify(form.get('assertion') ?? '', createPublicKey(privateKey), {
        issuer: 'app',
        audience: `${server.origin}/token`,
      }).catch(() => undefined);
      const isKnown = verified?.payload.sub === 'ada@example.com';
      response.writeHead(isKnown ? 200 : 400, { 'content-type': 'application/json' });
      issued += 1;
      response.end(
        JSON.stringify(
          isKnown
            ? { access_token: `token-${issued}`, token_type: 'Bearer', expires_in: 3_600 }
            : { error: 'invalid_grant', error_description: 'unknown user' },
        ),
      );
    });
    api = await runApi();
    await expectStatus(201, api.admin('POST', '/v1/tenants', { id: 'acme', name: 'Acme' }));
    const credential = {
      id: 'client',
      provider: 'generic-oauth2',
      client_id: 'app',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      settings: { token_endpoint: `${server.origin}/token` },
    };
    await expectStatus(201, api.admin('POST', '/v1/tenants/acme/credentials', credential));
  });
  afterAll(async () => {
    await api.close();
    await server.close();
  });

  const connect = (fields: object) =>
    api.admin('POST', connections, { id: 'main', credential: 'client', grant: 'jwt_bearer', ...fields });

  it('makes a connection with it, and signs anew for each renewal', async () => {
    const made = await expectStatus(201, connect({ assertion_subject: 'ada@example.com' }));
    expect(made.json).toMatchObject({ grant: 'jwt_bearer', subject: 'ada@example.com', status: 'active' });
    const first = await expectStatus(200, api.admin('GET', `${connections}/main/token`));
    await expectStatus(200, api.admin('POST', `${connections}/main/renew`));
    const second = await expectStatus(200, api.admin('GET', `${connections}/main/token`));
    expect(second.json).toMatchObject({ generation: 2 });
    expect(second.json.access_token).not.toBe(first.json.access_token);
  });

  it('is 422 where the server refuses, and nothing is saved', async () => {
    const refused = await connect({ id: 'bob', assertion_subject: 'bob@example.com' });
    expect(refused).toMatchObject({
      status: 422,
      json: { provider_error: { error: 'invalid_grant', error_description: 'unknown user' } },
    });
    expect((await api.admin('GET', `${connections}/bob`)).status).toBe(404);
  });

  it.each([
    ['without a subject', {}],
    ['with a line break in it', { assertion_subject: 'a\nb' }],
  ])('is 400 %s', async (_case, fields) => {
    expect(await connect({ id: 'other', ...fields })).toMatchObject({
      status: 400,
      json: { errors: [{ field: 'assertion_subject' }] },
    });
  });
});
