import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { tokenGenerate, verifySignature } from '@vonage/jwt';
import fc from 'fast-check';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { type Clock, systemClock } from '#provider-kit';
import { anyText } from '#testing';
import { applicationBearer } from './application-jwt.js';
import { credentialSchema } from './vonage-network.schemas.js';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const publicPem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();

const at = (instant: Date): Clock => ({ now: () => instant, monotonicMs: systemClock.monotonicMs });

async function jwtOf(pem: string, applicationId = 'app', clock = systemClock): Promise<string> {
  const secret = { kind: 'private_key', value: pem } as const;
  const bearer = await applicationBearer({ clientId: applicationId, secret }, clock);
  return bearer.replace(/^Bearer /, '');
}

const spellings: [string, string][] = [
  ['PKCS#8', pkcs8],
  ['PKCS#1', pkcs1],
  ['escaped line breaks', pkcs8.replaceAll('\n', '\\n')],
  ['escaped CRLF', pkcs1.replaceAll('\n', '\\r\\n')],
  ['CRLF', pkcs8.replaceAll('\n', '\r\n')],
  ['without a last line break', pkcs8.trim()],
];

describe('the application JWT', () => {
  it.each(spellings)("is one that the vendor's library verifies: %s", async (_name, pem) => {
    expect(verifySignature(await jwtOf(pem), publicPem)).toBe(true);
    expect(credentialSchema.safeParse({ client_id: 'app', private_key: pem }).success).toBe(true);
  });

  it("has the header and the claims of the vendor's library, and no others", async () => {
    const ours = await jwtOf(pkcs8);
    const theirs = tokenGenerate('app', pkcs8);
    expect(decodeProtectedHeader(ours)).toEqual(decodeProtectedHeader(theirs));
    expect(Object.keys(decodeJwt(ours)).sort()).toEqual(Object.keys(decodeJwt(theirs)).sort());
    const life = ({ exp = 0, iat = 0 }) => exp - iat;
    expect(life(decodeJwt(ours))).toBe(life(decodeJwt(theirs)));
    expect(Math.abs((decodeJwt(ours).iat ?? 0) - (decodeJwt(theirs).iat ?? 0))).toBeLessThanOrEqual(2);
  });

  it('holds for every application id and every second of the clock', async () => {
    const seen = new Set<string>();
    const nowSeconds = Math.floor(Date.now() / 1_000);
    await fc.assert(
      fc.asyncProperty(
        anyText({ minLength: 1, maxLength: 80 }),
        fc.integer({ min: -5_000, max: 100_000 }),
        fc.constantFrom(pkcs8, pkcs1),
        async (applicationId, offsetSeconds, pem) => {
          const iat = nowSeconds + offsetSeconds;
          const jwt = await jwtOf(pem, applicationId, at(new Date(iat * 1_000 + 999)));
          const { jti, ...claims } = decodeJwt(jwt);
          // Text that UTF-8 cannot hold arrives replaced, with any library.
          expect(claims).toEqual({ application_id: applicationId.toWellFormed(), iat, exp: iat + 900 });
          expect(jti).toMatch(/^[\da-f-]{36}$/);
          expect(seen.has(String(jti))).toBe(false);
          seen.add(String(jti));
          expect(decodeProtectedHeader(jwt)).toEqual({ alg: 'RS256', typ: 'JWT' });
          // The margin keeps the test from standing on the second at which it ends.
          if (Math.abs(offsetSeconds + 900) > 120) {
            expect(verifySignature(jwt, publicPem)).toBe(offsetSeconds + 900 > 0);
          }
          const [head = '', payload = '', signature = ''] = jwt.split('.');
          const turned = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1);
          expect(verifySignature(`${head}.${payload}.${turned}`, publicPem)).toBe(false);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    ['a client secret', { kind: 'client_secret', value: 'x' }],
    ['a weak key', { kind: 'private_key', value: rsa(1024) }],
    ['an EC key', { kind: 'private_key', value: ec() }],
    ['no key', { kind: 'private_key', value: 'x' }],
  ] as const)('is not made with %s', async (_name, secret) => {
    await expect(applicationBearer({ clientId: 'app', secret }, systemClock)).rejects.toMatchObject({
      code: 'invalid_client',
      requestSent: false,
    });
  });
});

describe('the credential schema', () => {
  const encrypted = privateKey
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString();
  it.each([
    ['1024 bits', rsa(1024), 'at least 2048 bits; this one has 1024'],
    ['an EC key', ec(), 'must be an RSA key'],
    ['a public key', publicPem, 'must be a private key in PEM'],
    ['an encrypted key', encrypted, 'not encrypted'],
    ['half a key', pkcs8.slice(0, 900), 'must be a private key in PEM'],
    ['anything', 'secret', 'must be a private key in PEM'],
  ])('refuses %s by the name of the field', (_name, pem, message) => {
    const { error } = credentialSchema.safeParse({ client_id: 'app', private_key: pem });
    expect(error?.issues.map(({ path }) => path)).toEqual([['private_key']]);
    expect(error?.issues[0]?.message).toContain(message);
    expect(JSON.stringify(error?.issues)).not.toContain(pem.slice(30, 60) || pem);
  });

  it('has no client secret', () => {
    const { error } = credentialSchema.safeParse({ client_id: 'app', client_secret: 'x' });
    expect(error?.issues.flatMap(({ path }) => path)).toContain('private_key');
  });
});

function rsa(modulusLength: number): string {
  const pair = generateKeyPairSync('rsa', { modulusLength });
  return pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function ec(): string {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
