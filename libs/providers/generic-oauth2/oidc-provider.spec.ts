import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Provider, { type ClientMetadata } from 'oidc-provider';
import { IssuerMetadataClient } from '#oauth-http';
import type { ProviderClient } from '#provider-kit';
import { tokenEndpointClient } from '#testing';
import { soon } from '../recorder.spec-support.js';
import { GenericOauth2Adapter } from './generic-oauth2.adapter.js';
import { settingsSchema } from './generic-oauth2.schemas.js';

const keys: Record<string, KeyObject> = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  PS256: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  EdDSA: generateKeyPairSync('ed25519').privateKey,
};

/** A strict server that was not written here, and clients that prove themselves by signing. */
describe('private_key_jwt against oidc-provider', () => {
  let issuer = '';
  let provider: Provider;
  let adapter: GenericOauth2Adapter;
  let http: ReturnType<typeof tokenEndpointClient>;
  const server = createServer((request, response) => provider.callback()(request, response));

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const clients = Object.entries(keys).map(([alg, key]) => clientOf(alg, key));
    provider = new Provider(issuer, {
      clients,
      enabledJWA: { clientAuthSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'] },
      features: {
        clientCredentials: { enabled: true },
        revocation: { enabled: true, allowedPolicy: () => true },
        devInteractions: { enabled: false },
      },
    });
    const options = {
      upstreamTimeoutMs: 10_000,
      providerEndpoints: {},
      egressAllow: ['http://127.0.0.1:*'],
    };
    http = tokenEndpointClient(options);
    adapter = new GenericOauth2Adapter(http, new IssuerMetadataClient(http));
  });
  afterAll(async () => {
    http.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  function clientWith(alg: string, key: KeyObject | undefined, settings: object = {}): ProviderClient {
    const pem = key?.export({ type: 'pkcs8', format: 'pem' }).toString() ?? '';
    return {
      clientId: `client-${alg}`,
      secret: { kind: 'private_key', value: pem },
      settings: settingsSchema.parse({
        issuer,
        client_auth: 'private_key_jwt',
        token_endpoint_auth_signing_alg: alg,
        ...settings,
      }),
    };
  }

  async function ask(client: ProviderClient) {
    const response = await adapter.sendTokenRequest(client, { type: 'client_credentials' }, soon());
    return adapter.readTokenResponse(response, { grant: 'client_credentials', client });
  }

  it.each(Object.entries(keys))('%s is accepted, and its token can be revoked', async (alg, key) => {
    const client = clientWith(alg, key);
    const outcome = await ask(client);
    if (outcome.kind !== 'tokens') throw new Error(JSON.stringify(outcome));
    const { accessToken } = outcome.tokens;
    expect(await provider.ClientCredentials.find(accessToken)).toBeDefined();
    await adapter.revoke(client, accessToken, 'access_token', soon());
    expect(await provider.ClientCredentials.find(accessToken)).toBeUndefined();
  });

  it('the token endpoint as audience is accepted too', async () => {
    const client = clientWith('ES256', keys['ES256'], { client_assertion_audience: 'token_endpoint' });
    expect((await ask(client)).kind).toBe('tokens');
  });

  it("another's key is refused", async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(await ask(clientWith('ES256', privateKey))).toMatchObject({ failure: { code: 'invalid_client' } });
  });
});

function clientOf(alg: string, key: KeyObject): ClientMetadata {
  return {
    client_id: `client-${alg}`,
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: alg,
    jwks: { keys: [createPublicKey(key).export({ format: 'jwk' }) as { kty: string }] },
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  } as ClientMetadata;
}
