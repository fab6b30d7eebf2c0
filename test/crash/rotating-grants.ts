import { randomBytes } from 'node:crypto';
import type { Answer, Client } from '../support/http.js';
import type { Api, Installation } from '../support/installation.js';

export const rotationModes = ['none', 'grace', 'confirm_on_use', 'strict'] as const;
export type Mode = (typeof rotationModes)[number];

export interface RotatingConnection {
  readonly mode: Mode;
  readonly id: string;
  readonly path: string;
  readonly user: string;
  readonly clientId: string;
}

export interface RefreshTokenView {
  readonly presented: number;
  readonly spent: number;
}

const tenant = 'acme';
const provider = 'generic-oauth2';

/** A tenant with a client for each way of rotating, at the sandbox's own OAuth server. */
export async function registerModes(installation: Installation, api: Api): Promise<void> {
  await expectStatus(api.admin('POST', '/v1/tenants', { id: tenant, name: tenant }), 201);
  for (const mode of rotationModes) {
    const client = { client_id: `client-${mode}`, client_secret: randomBytes(16).toString('hex') };
    await expectStatus(installation.sandbox('POST', '/_control/clients', { provider, ...client }), 201);
    await expectStatus(
      installation.sandbox('PUT', '/_control/behaviours', {
        provider,
        client_id: client.client_id,
        switches: { rotation: mode, grace_seconds: 60 },
      }),
      200,
    );
    await expectStatus(
      api.admin('POST', `/v1/tenants/${tenant}/credentials`, {
        id: mode.replaceAll('_', '-'),
        provider,
        ...client,
        settings: { token_endpoint: `${installation.sandboxOrigin}/generic/token`, rotation: mode },
      }),
      201,
    );
  }
}

/** A connection by import, at generation 1. Nobody reads it, so nothing but the test renews it. */
export async function importGrant(
  installation: Installation,
  api: Api,
  mode: Mode,
  tries = 5,
): Promise<RotatingConnection> {
  const { sandbox } = installation;
  const { admin } = api;
  const id = `c-${randomBytes(5).toString('hex')}`;
  const clientId = `client-${mode}`;
  const grant = await expectStatus(
    sandbox('POST', '/_control/grants', { provider, client_id: clientId, user: id }),
    201,
  );
  const body = {
    id,
    credential: mode.replaceAll('_', '-'),
    grant: 'refresh_token',
    refresh_token: grant.json.refresh_token,
  };
  const answer = await admin('POST', `/v1/tenants/${tenant}/connections`, body);
  // The deadlines of these tests are short: on a busy machine the first grant may need another try.
  if (answer.status === 503 && tries > 1) return importGrant(installation, api, mode, tries - 1);
  await expectStatus(Promise.resolve(answer), 201);
  return { mode, id, clientId, user: id, path: `/v1/tenants/${tenant}/connections/${id}` };
}

/** The provider's view of each refresh token of a connection, the oldest first. */
export async function refreshTokens(
  sandbox: Client,
  { user }: RotatingConnection,
): Promise<RefreshTokenView[]> {
  const { json } = await sandbox('GET', `/_control/grants?${new URLSearchParams({ provider, user })}`);
  return json.items[0].refresh_tokens;
}

export async function expectStatus(answer: Promise<Answer>, status: number): Promise<Answer> {
  const got = await answer;
  if (got.status !== status) throw new Error(`Expected ${status}, got ${got.status}: ${got.text}`);
  return got;
}
