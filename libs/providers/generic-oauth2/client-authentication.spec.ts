import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { type ClientSecret, systemClock } from '#provider-kit';
import { authenticateClient } from './client-authentication.js';
import { credentialSchema, resolveSettings } from './generic-oauth2.schemas.js';

const audience = async () => 'https://idp.example';
const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const keys = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  p521: generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey,
  ed25519: generateKeyPairSync('ed25519').privateKey,
};

function prove(
  method: Parameters<typeof authenticateClient>[1],
  secret: ClientSecret,
  settings: object = {},
) {
  const resolved = resolveSettings({ token_endpoint: 'https://idp.example/token', ...settings });
  return authenticateClient(
    { clientId: 'me', secret, settings: {} },
    method,
    resolved,
    audience,
    systemClock,
  );
}

const keySecret = (key: KeyObject): ClientSecret => ({ kind: 'private_key', value: pemOf(key) });

describe('private_key_jwt', () => {
  it.each([
    ['rsa', {}, 'RS256'],
    ['rsa', { token_endpoint_auth_signing_alg: 'PS256' }, 'PS256'],
    ['p256', {}, 'ES256'],
    ['p384', {}, 'ES384'],
    ['p521', {}, 'ES512'],
    ['ed25519', {}, 'EdDSA'],
  ] as const)('%s with %j signs %s, in the claims of RFC 7523', async (name, settings, algorithm) => {
    const key = keys[name];
    expect(credentialSchema.safeParse({ client_id: 'me', private_key: pemOf(key) }).success).toBe(true);
    const { form, header } = await prove('private_key_jwt', keySecret(key), settings);
    expect(header).toEqual({});
    expect(form).toEqual({
      client_id: 'me',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: expect.any(String),
    });
    const { payload, protectedHeader } = await jwtVerify(
      form['client_assertion'] ?? '',
      createPublicKey(key),
      {
        audience: 'https://idp.example',
        issuer: 'me',
        subject: 'me',
        requiredClaims: ['iat', 'exp', 'jti'],
      },
    );
    expect(protectedHeader).toEqual({ alg: algorithm, typ: 'JWT' });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(120);
  });

  it('names its key where the server wants that, and is never the same', async () => {
    const jwtOf = async () =>
      (await prove('private_key_jwt', keySecret(keys.p256), { client_assertion_kid: 'k1' })).form[
        'client_assertion'
      ] ?? '';
    const [first, second] = [await jwtOf(), await jwtOf()];
    expect(decodeProtectedHeader(first)).toMatchObject({ kid: 'k1' });
    expect(decodeJwt(first).jti).not.toBe(decodeJwt(second).jti);
  });

  it.each([
    ['an algorithm of another key', keySecret(keys.p256), { token_endpoint_auth_signing_alg: 'RS256' }],
    ['a client secret', { kind: 'client_secret', value: 'x' }, {}],
    ['what is no key', { kind: 'private_key', value: 'x' }, {}],
    ['a weak key', keySecret(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey), {}],
    [
      'a curve of no algorithm',
      keySecret(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey),
      {},
    ],
  ] as const)('does not sign with %s', async (_name, secret, settings) => {
    await expect(prove('private_key_jwt', secret, settings)).rejects.toMatchObject({
      code: 'invalid_client',
      requestSent: false,
    });
  });
});

describe('bearer_jwt', () => {
  it('is a JWT of the client as the bearer token', async () => {
    const settings = { bearer_jwt_client_claim: 'application_id' };
    const { form, header } = await prove('bearer_jwt', keySecret(keys.rsa), settings);
    expect(form).toEqual({});
    const jwt = header.authorization?.replace(/^Bearer /, '') ?? '';
    const { payload } = await jwtVerify(jwt, createPublicKey(keys.rsa));
    expect(Object.keys(payload).sort()).toEqual(['application_id', 'exp', 'iat', 'jti']);
    expect(payload['application_id']).toBe('me');
  });
});

describe('the credential schema', () => {
  it('takes one of the two secrets, or none', () => {
    const pem = pemOf(keys.ed25519);
    for (const fields of [{}, { client_secret: 's' }, { private_key: pem }]) {
      expect(credentialSchema.safeParse({ client_id: 'me', ...fields }).success).toBe(true);
    }
    const both = credentialSchema.safeParse({ client_id: 'me', client_secret: 's', private_key: pem });
    expect(both.error?.issues[0]?.path).toEqual(['private_key']);
    const x25519 = pemOf(generateKeyPairSync('x25519').privateKey);
    const { error } = credentialSchema.safeParse({ client_id: 'me', private_key: x25519 });
    expect(error?.issues[0]?.message).toContain('Ed25519');
  });
});
