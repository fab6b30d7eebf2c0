import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import type { Running } from '../support/installation.js';
import { type OidcServer, startOidcServer } from '../support/oidc-server.js';
import { onboardClient } from '../support/onboarding.js';

const tenant = 'ciba';
const connections = `/v1/tenants/${tenant}/connections`;
const client = { client_id: 'caller', client_secret: 'caller-secret-0123456789-0123456789' };
const intervalSeconds = 1;

export function ciba(running: Running): void {
  const asked = new Map<string, string>();
  let server: OidcServer;

  beforeAll(async () => {
    server = await startOidcServer({
      clients: [
        {
          ...client,
          grant_types: ['urn:openid:params:grant-type:ciba', 'refresh_token'],
          backchannel_token_delivery_mode: 'poll',
          redirect_uris: [],
          response_types: [],
        },
      ],
      issueRefreshToken: async () => true,
      findAccount: async (_, accountId) => ({ accountId, claims: async () => ({ sub: accountId }) }),
      features: {
        ciba: {
          enabled: true,
          deliveryModes: ['poll'],
          processLoginHint: async (_, loginHint) => loginHint,
          triggerAuthenticationDevice: async (_, request) => {
            asked.set(String(request.accountId), request.jti);
          },
          validateBindingMessage: async () => undefined,
          validateRequestContext: async () => undefined,
          verifyUserCode: async () => undefined,
        },
      },
    });
    const settings = { issuer: server.issuer };
    await onboardClient(running.api.admin, tenant, { provider: 'generic-oauth2', ...client, settings });
  }, 60_000);
  afterAll(async () => {
    await server.close();
  });

  const begin = (id: string, login_hint: string) =>
    running.api.admin('POST', connections, {
      id,
      credential: 'client',
      grant: 'ciba',
      scope: 'openid',
      login_hint,
    });
  const statusOf = async (id: string) => (await running.api.admin('GET', `${connections}/${id}`)).json;

  it('waits for the person, across the death of the worker that polled, and never asks too soon', async () => {
    const started = await begin('approved', 'ada');
    expect(started).toMatchObject({ status: 202, json: { status: 'pending', interval: expect.any(Number) } });
    expect(await running.api.admin('GET', `${connections}/approved/token`)).toMatchObject({
      status: 409,
      json: { code: 'authorization_pending' },
    });
    await running.installation.database.query('update gk.pending_grants set interval_seconds = $1', [
      intervalSeconds,
    ]);
    await running.installation.database.query(
      'update gk.connections set next_renewal_at = gk.now(), retry_not_before = null',
    );

    const first = await running.installation.startWorker();
    await eventually(() => expect(server.tokenRequests()).toBeGreaterThan(0), 15_000);
    await first.stop('SIGKILL');
    await running.installation.startWorker();
    await server.approve(asked.get('ada') ?? '');
    await eventually(
      async () => expect(await statusOf('approved')).toMatchObject({ status: 'active' }),
      30_000,
    );

    const token = await running.api.admin('GET', `${connections}/approved/token`);
    expect(await server.accepts(token.json.access_token)).toBe(true);
    expect(server.errors()).not.toContain('slow_down');
  }, 60_000);

  it('says so when the person declines', async () => {
    await begin('declined', 'bob');
    await running.installation.database.query(
      'update gk.connections set next_renewal_at = gk.now(), retry_not_before = null',
    );
    await server.deny(asked.get('bob') ?? '');
    await eventually(
      async () =>
        expect(await statusOf('declined')).toMatchObject({
          status: 'reauthorization_required',
          last_error: { code: 'access_denied' },
        }),
      30_000,
    );
    expect((await running.api.admin('GET', `${connections}/declined/token`)).json.code).toBe(
      'reauthorization_required',
    );
  }, 60_000);
}
