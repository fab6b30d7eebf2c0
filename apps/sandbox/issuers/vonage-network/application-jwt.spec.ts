import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type JwtParts, jwt, KEYS, NETWORK, useNetwork } from './vonage-network.spec-support.js';

const STRANGER = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const NOW = Math.floor(Date.now() / 1000);

describe('application JWT', () => {
  const sandbox = useNetwork();
  const present = (token: string) => sandbox.start('+447700900001', undefined, token);

  it('is taken', async () => {
    expect((await present(jwt())).status).toBe(200);
  });

  it.each<[string, JwtParts, string]>([
    ['another key', { privateKey: STRANGER }, 'no RS256 signature by a registered key'],
    [
      'another algorithm in its header',
      { header: { alg: 'RS384' } },
      'no RS256 signature by a registered key',
    ],
    ['no typ', { header: { typ: undefined } }, 'typ is not JWT'],
    ['an unknown application', { claims: { application_id: 'x' } }, 'application_id is missing or unknown'],
    ['no application', { claims: { application_id: undefined } }, 'application_id is missing or unknown'],
    ['no iat', { claims: { iat: undefined } }, 'iat or exp is missing or not a whole number'],
    ['no exp', { claims: { exp: undefined } }, 'iat or exp is missing or not a whole number'],
    ['an exp with a fraction', { claims: { exp: NOW + 9.5 } }, 'iat or exp is missing or not a whole number'],
    ['no jti', { claims: { jti: undefined } }, 'jti is missing'],
    ['an iat in the future', { claims: { iat: NOW + 300 } }, 'iat lies in the future'],
    ['an exp in the past', { claims: { iat: NOW - 100, exp: NOW - 1 } }, 'exp is over'],
    ['an exp before iat', { claims: { iat: NOW + 28, exp: NOW + 25 } }, 'exp is over'],
    ['a day and more behind it', { claims: { iat: NOW - 86_500, exp: NOW + 900 } }, 'older than 24 hours'],
  ])('is refused with %s', async (_case, parts, reason) => {
    const answer = await present(jwt(parts));
    expect([answer.status, answer.headers.get('x-sandbox-reason')]).toEqual([401, reason]);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.json()).toMatchObject({ title: 'Unauthorized' });
  });

  it.each([
    ['padding', `${jwt()}=`],
    ['two parts', jwt().split('.').slice(0, 2).join('.')],
    ['four parts', `${jwt()}.x`],
    [
      'alg none',
      `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${jwt().split('.')[1]}.`,
    ],
    ['no JSON', 'eA.eA.eA'],
  ])('is refused with %s', async (_case, token) => {
    expect((await present(token)).status).toBe(401);
  });

  it('is refused when a part of it was changed', async () => {
    const [head, claims, signature] = jwt().split('.');
    const longer = JSON.parse(Buffer.from(claims ?? '', 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...longer, exp: NOW + 9000 })).toString('base64url');
    expect((await present(`${head}.${forged}.${signature}`)).status).toBe(401);
  });

  it('is good once, unless a switch says otherwise', async () => {
    const token = jwt();
    expect((await present(token)).status).toBe(200);
    expect((await present(token)).headers.get('x-sandbox-reason')).toBe('jti was used before');
    await sandbox.behave(NETWORK, { jti_reuse: 'allow' });
    expect((await present(token)).status).toBe(200);
  });

  it.each([
    ['oauth', { error: 'invalid_client' }],
    ['camara', { status: 401, code: 'UNAUTHENTICATED' }],
  ])('is refused in the dialect %s when told to', async (dialect, body) => {
    await sandbox.behave(NETWORK, { unauthorized_dialect: dialect });
    const answer = await present('x');
    expect([answer.status, answer.json()]).toEqual([401, expect.objectContaining(body)]);
  });

  it('works for the demonstration application, whose key can be had', async () => {
    const demo = (await sandbox.get('/_control/demo-application')).json();
    const token = jwt({ privateKey: demo.private_key, claims: { application_id: demo.client_id } });
    expect((await present(token)).status).toBe(200);
    expect(demo.private_key).not.toBe(KEYS.privateKey);
  });

  it('has its application counted and logged', async () => {
    await present(jwt());
    const counts = (await sandbox.get('/_control/counts?client_id=app-1')).json();
    expect(counts.items[0].calls).toEqual({ 'POST /oauth2/bc-authorize': 1 });
    const requests = (await sandbox.get('/_control/requests?client_id=app-1')).json();
    expect(requests.items).toHaveLength(1);
  });
});
