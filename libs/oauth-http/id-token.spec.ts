import { beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { checkedClaims, type IdTokenChecks } from './id-token.js';
import type { IssuerKeys } from './issuer-keys.client.js';

const secret = 'a secret that both sides know, of 32 octets';
const at = new Date('2026-01-01T00:00:00Z');
const seconds = (offset: number) => at.getTime() / 1_000 + offset;

type Json = Record<string, unknown>;
type Key = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'] | Uint8Array;

describe('the claims of an ID token', () => {
  let key: Key;
  let newKey: Key;
  let strangeKey: Key;
  let keys: IssuerKeys;
  let newKeys: IssuerKeys;
  let asked: boolean[];

  beforeAll(async () => {
    const old = await generateKeyPair('ES256');
    const rolled = await generateKeyPair('PS256');
    [key, newKey, strangeKey] = [
      old.privateKey,
      rolled.privateKey,
      (await generateKeyPair('ES256')).privateKey,
    ];
    const one = { ...(await exportJWK(old.publicKey)), kid: 'old' };
    const two = { ...(await exportJWK(rolled.publicKey)), kid: 'new' };
    keys = createLocalJWKSet({ keys: [one] });
    newKeys = createLocalJWKSet({ keys: [one, two] });
  });

  const sign = (claims: Json = {}, by: Key = key, header: { alg?: string; kid?: string } = {}) =>
    new SignJWT({ iss: 'https://issuer.example', aud: 'me', sub: 'ada', exp: seconds(60), ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'old', ...header })
      .sign(by);
  const check = (token: string, checks: Partial<IdTokenChecks> = {}) => {
    asked = [];
    return checkedClaims(token, {
      clientId: 'me',
      clientSecret: secret,
      issuer: 'https://issuer.example',
      at,
      keys: async (isUnknown) => {
        asked.push(isUnknown);
        return isUnknown ? newKeys : keys;
      },
      ...checks,
    });
  };

  it.each<[string, Json]>([
    ['one audience', {}],
    ['one audience in a list', { aud: ['me'] }],
    ['several audiences and this client as azp', { aud: ['me', 'other'], azp: 'me' }],
    ['an end within the leeway', { exp: seconds(-59) }],
    ['a beginning within the leeway', { nbf: seconds(59) }],
  ])('are taken with %s', async (_, claims) => {
    expect(await check(await sign(claims))).toMatchObject({ sub: 'ada' });
  });

  it.each<[string, Json]>([
    ['another issuer', { iss: 'https://issuer.example/' }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'other' }],
    ['no audience', { aud: undefined }],
    ['several audiences and no azp', { aud: ['me', 'other'] }],
    ['another azp', { azp: 'other' }],
    ['an end that is over', { exp: seconds(-60) }],
    ['no end', { exp: undefined }],
    ['a beginning that is to come', { nbf: seconds(61) }],
  ])('are refused with %s', async (_, claims) => {
    await expect(check(await sign(claims))).rejects.toThrow('The ID token is refused');
  });

  it('are refused when somebody else has signed them, or nobody', async () => {
    const [, payload] = (await sign()).split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    for (const token of [await sign({}, strangeKey), none, `${payload}.${payload}.x`, 'x'])
      await expect(check(token)).rejects.toThrow('The ID token is refused');
    for (const token of [none, 'x'])
      await expect(check(token, { keys: undefined })).rejects.toThrow('The ID token is refused');
  });

  it('go without the signature where nobody says where the keys are', async () => {
    expect(await check(await sign({}, strangeKey), { keys: undefined })).toMatchObject({ sub: 'ada' });
    await expect(check(await sign({ aud: 'other' }), { keys: undefined })).rejects.toThrow('another client');
  });

  it('are checked by keys that are read again when the right one is not among them', async () => {
    expect(await check(await sign({}, newKey, { alg: 'PS256', kid: 'new' }))).toMatchObject({ sub: 'ada' });
    expect(asked).toEqual([false, true]);
    await expect(check(await sign({}, strangeKey, { kid: 'strange' }))).rejects.toThrow('signature');
  });

  it('are checked by the secret of the client where that signs them, and by no public key', async () => {
    const header = { alg: 'HS256' };
    const shared = Buffer.from(secret);
    expect(await check(await sign({}, shared, header))).toMatchObject({ sub: 'ada' });
    await expect(check(await sign({}, Buffer.from(`${secret}!`), header))).rejects.toThrow('signature');
    await expect(check(await sign({}, shared, header), { clientSecret: undefined })).rejects.toThrow(
      'secret',
    );
    expect(asked).toEqual([]);
  });
});
