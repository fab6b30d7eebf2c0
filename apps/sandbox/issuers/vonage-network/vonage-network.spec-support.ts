import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { beforeEach } from '@jest/globals';
import type { Json } from '../../json.js';
import { useSandbox } from '../../sandbox.spec-support.js';

export const APPLICATION_ID = 'app-1';
export const REDIRECT_URI = 'https://broker.example/cb';
export const SIM_SWAP = 'dpv:FraudPreventionAndDetection#check-sim-swap';
export const NUMBER_VERIFICATION = 'dpv:FraudPreventionAndDetection#number-verification-verify-read';
export const CIBA = 'urn:openid:params:grant-type:ciba';
export const NETWORK = 'vonage-network';

export const KEYS = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

export interface JwtParts {
  readonly header?: Record<string, Json | undefined>;
  readonly claims?: Record<string, Json | undefined>;
  readonly privateKey?: string;
}

/** A good application JWT, but for what is overridden; `undefined` leaves a member out. */
export function jwt({ header, claims, privateKey = KEYS.privateKey }: JwtParts = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const standard = { application_id: APPLICATION_ID, iat: now, jti: randomUUID(), exp: now + 900 };
  const input = `${encode({ alg: 'RS256', typ: 'JWT', ...header })}.${encode({ ...standard, ...claims })}`;
  return `${input}.${sign('RSA-SHA256', Buffer.from(input), privateKey).toString('base64url')}`;
}

/** A sandbox that knows one application. */
export function useNetwork() {
  const sandbox = useSandbox();
  beforeEach(async () => {
    await sandbox.control('POST', 'clients', {
      provider: NETWORK,
      client_id: APPLICATION_ID,
      public_key: KEYS.publicKey,
      redirect_uris: [REDIRECT_URI],
    });
  });
  const authorized = (token = jwt()) => ({ authorization: `Bearer ${token}` });
  const post = (path: string, parameters: Record<string, string>, token?: string) =>
    sandbox.post(path, parameters, authorized(token));

  return {
    ...sandbox,
    enable: (body: Json, token?: string) =>
      sandbox.call('/v0.1/network-enablement', {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...authorized(token) },
      }),
    start: (phone: string, scope = `openid ${SIM_SWAP}`, token?: string) =>
      post('/oauth2/bc-authorize', { login_hint: `tel:${phone}`, scope }, token),
    token: (parameters: Record<string, string>, token?: string) => post('/oauth2/token', parameters, token),
    poll: (authReqId: string) => post('/oauth2/token', { grant_type: CIBA, auth_req_id: authReqId }),
    json: (path: string, token: string, body: Json) =>
      sandbox.call(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...authorized(token) },
      }),
  };
}
