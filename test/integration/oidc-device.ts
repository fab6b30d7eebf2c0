import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import type { Running } from '../support/installation.js';
import { type OidcServer, startOidcServer } from '../support/oidc-server.js';
import { onboardClient } from '../support/onboarding.js';

const tenant = 'device';
const connections = `/v1/tenants/${tenant}/connections`;
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const client = { client_id: 'caller', client_secret: 'caller-secret-0123456789-0123456789' };

export function device(running: Running): void {
  let server: OidcServer;

  beforeAll(async () => {
    server = await startOidcServer({
      clients: [
        {
          ...client,
          grant_types: [deviceGrant, 'refresh_token'],
          redirect_uris: [],
          response_types: [],
        },
      ],
      issueRefreshToken: async () => true,
      findAccount: async (_, accountId) => ({ accountId, claims: async () => ({ sub: accountId }) }),
      features: { deviceFlow: { enabled: true } },
    });
    const settings = { issuer: server.issuer };
    await onboardClient(running.api.admin, tenant, { provider: 'generic-oauth2', ...client, settings });
  }, 60_000);
  afterAll(async () => {
    await server.close();
  });

  it('tells where to go and what to enter, waits for the person, and is refreshed from then on', async () => {
    const wanted = { id: 'main', credential: 'client', grant: 'device_code', scope: 'openid offline_access' };
    const started = await running.api.admin('POST', connections, wanted);
    expect(started).toMatchObject({
      status: 202,
      json: {
        status: 'pending',
        verification_uri: `${server.issuer}/device`,
        verification_uri_complete: expect.stringContaining(`${server.issuer}/device?user_code=`),
        user_code: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/),
        interval: 5,
        expires_at: expect.any(String),
      },
    });
    expect(started.text).not.toContain('device_code":"');
    expect(await running.api.admin('GET', `${connections}/main/token`)).toMatchObject({
      status: 409,
      json: { code: 'authorization_pending' },
    });
    await server.approveDevice(started.json.user_code, 'ada');
    await running.installation.database.query(
      'update gk.connections set next_renewal_at = gk.now(), retry_not_before = null',
    );
    const worker = await running.installation.startWorker();
    await eventually(async () => {
      const { json } = await running.api.admin('GET', `${connections}/main`);
      expect(json).toMatchObject({ status: 'active', generation: 1 });
    }, 30_000);
    const { json } = await running.api.admin('GET', `${connections}/main/token`);
    expect(await server.accepts(json.access_token)).toBe(true);
    expect(await running.api.admin('POST', `${connections}/main/renew`)).toMatchObject({
      status: 200,
      json: { generation: 2, status: 'active' },
    });
    await worker.stop();
  }, 90_000);

  it('refuses fields that another grant has', async () => {
    const wrong = { id: 'other', credential: 'client', grant: 'device_code', username: 'ada' };
    expect(await running.api.admin('POST', connections, wrong)).toMatchObject({
      status: 400,
      json: { errors: [{ field: 'username' }] },
    });
  });
}
