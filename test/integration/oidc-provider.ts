import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { clientOf } from '../support/http.js';
import type { Running } from '../support/installation.js';
import { type OidcServer, startOidcServer } from '../support/oidc-server.js';
import { onboard } from '../support/onboarding.js';

/** Characters that a client which skips the form encoding of RFC 6749 §2.3.1 gets wrong. */
const clientSecret = 'a+b/c=d%e&f:g 0123456789-0123456789';
const tenant = 'machine';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

export function clientCredentials(running: Running): void {
  let server: OidcServer;

  beforeAll(async () => {
    server = await startOidcServer({
      clients: [
        {
          client_id: 'broker:1',
          client_secret: clientSecret,
          grant_types: ['client_credentials'],
          redirect_uris: [],
          response_types: [],
        },
        {
          client_id: 'signer',
          token_endpoint_auth_method: 'private_key_jwt',
          token_endpoint_auth_signing_alg: 'ES256',
          jwks: { keys: [publicKey.export({ format: 'jwk' }) as { kty: string }] },
          grant_types: ['client_credentials'],
          redirect_uris: [],
          response_types: [],
        },
      ],
      scopes: ['calls:read'],
      features: { clientCredentials: { enabled: true } },
    });
  }, 60_000);
  afterAll(async () => {
    await server.close();
  });

  it('discovers the server, gets a token it accepts, and renews it', async () => {
    const credential = {
      provider: 'generic-oauth2',
      client_id: 'broker:1',
      client_secret: clientSecret,
      settings: { issuer: server.issuer },
    };
    const { connectionPath, tokenPath, readerKey } = await onboard(running.api.admin, { tenant, credential });
    const reader = clientOf(running.api.origin, readerKey);

    const first = await reader('GET', tokenPath);
    expect(first.status).toBe(200);
    expect(first.json).toMatchObject({ token_type: 'Bearer', generation: 1 });
    expect(await server.accepts(first.json.access_token)).toBe(true);

    expect((await running.api.admin('POST', `${connectionPath}/renew`)).status).toBe(200);
    const second = await reader('GET', tokenPath);
    expect(second.json).toMatchObject({ generation: 2 });
    expect(second.json.access_token).not.toBe(first.json.access_token);
    expect(await server.accepts(second.json.access_token)).toBe(true);
    expect(server.tokenRequests()).toBe(2);
  });

  it('works with explicit endpoints and the client in the body', async () => {
    const credential = {
      provider: 'generic-oauth2',
      client_id: 'broker:1',
      client_secret: clientSecret,
      settings: { token_endpoint: `${server.issuer}/token`, client_auth: 'client_secret_post' },
    };
    const post = { id: 'post', ...credential };
    expect(
      (await running.api.admin('POST', `/v1/tenants/${tenant}/credentials?verify=true`, post)).status,
    ).toBe(201);
    const connection = { id: 'post', credential: 'post', grant: 'client_credentials', scope: 'calls:read' };
    expect(await running.api.admin('POST', `/v1/tenants/${tenant}/connections`, connection)).toMatchObject({
      status: 201,
      json: { status: 'active', scope: 'calls:read', generation: 1 },
    });
  });

  it('proves itself with a signed assertion (RFC 7523) in the place of a secret', async () => {
    const credential = {
      provider: 'generic-oauth2',
      client_id: 'signer',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      settings: { issuer: server.issuer, client_auth: 'private_key_jwt' },
    };
    const signer = { id: 'signer', ...credential };
    const made = await running.api.admin('POST', `/v1/tenants/${tenant}/credentials?verify=true`, signer);
    expect(made.status).toBe(201);
    expect(made.text).not.toContain('PRIVATE KEY');
    const connection = { id: 'signed', credential: 'signer', grant: 'client_credentials' };
    expect((await running.api.admin('POST', `/v1/tenants/${tenant}/connections`, connection)).status).toBe(
      201,
    );
    const { json } = await running.api.admin('GET', `/v1/tenants/${tenant}/connections/signed/token`);
    expect(await server.accepts(json.access_token)).toBe(true);
  });

  it('refuses a wrong secret before it is saved', async () => {
    const credential = {
      provider: 'generic-oauth2',
      client_id: 'broker:1',
      client_secret: 'not-the-secret-canary',
      settings: { issuer: server.issuer },
    };
    const answer = await running.api.admin('POST', `/v1/tenants/${tenant}/credentials?verify=true`, {
      id: 'wrong',
      ...credential,
    });
    expect(answer.status).toBe(422);
    expect(answer.text).not.toContain('canary');
    expect(answer.json).toMatchObject({ code: 'provider_rejected', remedy: expect.any(String) });
  });
}
