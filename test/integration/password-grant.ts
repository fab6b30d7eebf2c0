import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Running } from '../support/installation.js';
import { onboardClient } from '../support/onboarding.js';
import {
  type PasswordServer,
  passwordClient,
  startPasswordServer,
  user,
} from '../support/password-server.js';

const tenant = 'password';
const connections = `/v1/tenants/${tenant}/connections`;

export function passwordGrant(running: Running): void {
  let server: PasswordServer;

  beforeAll(async () => {
    server = await startPasswordServer();
    const settings = {
      token_endpoint: server.tokenEndpoint,
      client_auth: 'client_secret_post',
      allow_password_grant: true,
    };
    await onboardClient(running.api.admin, tenant, {
      provider: 'generic-oauth2',
      ...passwordClient,
      settings,
    });
  }, 60_000);
  afterAll(async () => {
    await server.close();
  });

  const connect = (id: string, fields: object) =>
    running.api.admin('POST', connections, {
      id,
      credential: 'client',
      grant: 'password',
      ...user,
      ...fields,
    });
  const renew = (id: string) => running.api.admin('POST', `${connections}/${id}/renew`);
  const plaintextOf = async () =>
    JSON.stringify(
      await running.installation.database.query('select * from gk.connections c, gk.token_sets t'),
    );

  it('is refused with a wrong password, and leaves nothing', async () => {
    const answer = await connect('wrong', { password: 'not it' });
    expect(answer).toMatchObject({
      status: 422,
      json: { code: 'provider_rejected', provider_error: { code: 'invalid_grant' } },
    });
    expect((await running.api.admin('GET', `${connections}/wrong`)).status).toBe(404);
  });

  it('sends the password once, then the refresh token that came with it', async () => {
    expect(await connect('once', {})).toMatchObject({
      status: 201,
      json: { status: 'active', generation: 1, subject: user.username },
    });
    expect(await renew('once')).toMatchObject({ status: 200, json: { generation: 2 } });
    const { json } = await running.api.admin('GET', `${connections}/once/token`);
    expect(server.accepts(json.access_token)).toBe(true);
    expect(server.requests.filter(({ ok }) => ok).map(({ grant }) => grant)).toEqual([
      'password',
      'refresh_token',
    ]);
    expect(await plaintextOf()).not.toContain(user.password);
  });

  it('needs a new authorisation when the grant has died, for the password is gone', async () => {
    server.killRefreshTokens();
    expect(await renew('once')).toMatchObject({ status: 409, json: { code: 'reauthorization_required' } });
  });

  it('gets a new grant by itself where the password was kept on purpose', async () => {
    expect((await connect('kept', { keep_password: true })).status).toBe(201);
    server.killRefreshTokens();
    expect(await renew('kept')).toMatchObject({ status: 200, json: { generation: 2, status: 'active' } });
    server.killRefreshTokens();
    expect(await renew('kept')).toMatchObject({ status: 200, json: { generation: 3 } });
    expect(server.requests.slice(-2)).toEqual([
      { grant: 'refresh_token', ok: false },
      { grant: 'password', ok: true },
    ]);
    expect(await plaintextOf()).not.toContain(user.password);
  });
}
