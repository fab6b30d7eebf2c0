import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Loopback, serve } from '#testing';
import { expectStatus, type RunningApi, runApi } from './running-api.js';

const connections = '/v1/tenants/acme/connections';

describe('the grant device_code of generic-oauth2', () => {
  let api: RunningApi;
  let server: Loopback;
  let begun = 0;

  beforeAll(async () => {
    server = await serve(async (request, response) => {
      const form = new URLSearchParams(await text(request));
      begun += 1;
      const isAllowed = form.get('scope') !== 'forbidden';
      response.writeHead(isAllowed ? 200 : 400, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify(
          isAllowed
            ? {
                device_code: `device-code-${begun}`,
                user_code: `ABCD-${begun}`,
                verification_uri: 'https://example.com/device',
                ...(begun === 1
                  ? { verification_uri_complete: 'https://example.com/device?user_code=ABCD-1' }
                  : {}),
                expires_in: 600,
                interval: 7,
              }
            : { error: 'invalid_scope', error_description: 'not for device-code-0' },
        ),
      );
    });
    api = await runApi();
    await expectStatus(201, api.admin('POST', '/v1/tenants', { id: 'acme', name: 'Acme' }));
    const credential = {
      id: 'client',
      provider: 'generic-oauth2',
      client_id: 'app',
      settings: {
        token_endpoint: `${server.origin}/token`,
        device_authorization_endpoint: `${server.origin}/device`,
      },
    };
    await expectStatus(201, api.admin('POST', '/v1/tenants/acme/credentials', credential));
  });
  afterAll(async () => {
    await api.close();
    await server.close();
  });

  const connect = (id: string, scope: string) =>
    api.admin('POST', connections, { id, credential: 'client', grant: 'device_code', scope });

  it('is answered with what the person must be told, and begins again at authorize', async () => {
    const before = Date.now();
    const started = await expectStatus(202, connect('main', 'a'));
    expect(started.json).toMatchObject({
      id: 'main',
      status: 'pending',
      verification_uri: 'https://example.com/device',
      verification_uri_complete: 'https://example.com/device?user_code=ABCD-1',
      user_code: 'ABCD-1',
      interval: 7,
    });
    const lasts = Date.parse(started.json.expires_at) - before;
    expect(lasts).toBeGreaterThan(595_000);
    expect(lasts).toBeLessThan(620_000);

    const again = await expectStatus(202, api.admin('POST', `${connections}/main/authorize`, {}));
    expect(again.json).toMatchObject({ id: 'main', status: 'pending', user_code: 'ABCD-2', interval: 7 });
    // The server names none this time.
    expect(again.json).not.toHaveProperty('verification_uri_complete');
    for (const { text: answer } of [started, again, await api.admin('GET', `${connections}/main`)]) {
      expect(answer).not.toContain('device-code-');
    }
  });

  it('is 422 where the server refuses to begin, and nothing is saved', async () => {
    expect(await connect('refused', 'forbidden')).toMatchObject({
      status: 422,
      json: { provider_error: { error: 'invalid_scope' } },
    });
    expect((await api.admin('GET', `${connections}/refused`)).status).toBe(404);
  });

  it('needs no secret, and no empty one is added', async () => {
    const added = await api.admin('POST', '/v1/tenants/acme/credentials/client/secrets', {});
    expect(added).toMatchObject({ status: 400, json: { errors: [{ field: 'client_secret' }] } });
  });
});
