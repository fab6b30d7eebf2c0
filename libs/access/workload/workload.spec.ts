import { beforeEach, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { type Clock, systemClock } from '#provider-kit';
import { claimsMatch } from './claim-match.js';
import { matchesGlob } from './glob.js';
import { IssuerKeys } from './issuer-keys.js';
import { KeySet } from './key-set.js';

describe('a glob', () => {
  it.each([
    ['repo:acme/*', 'repo:acme/shop:ref:refs/heads/main', true],
    ['repo:acme/*', 'xrepo:acme/shop', false],
    ['repo:acme/*', 'repo:acme', false],
    ['*:mailer', 'system:mailer', true],
    ['*:mailer', 'system:mailer2', false],
    ['a*b*c', 'aXbXbc', true],
    ['a*b*c', 'aXcXb', false],
    ['a*', 'a', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['', '', true],
    ['', 'a', false],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
    ['a*\n', 'a\n', true],
    ['main', 'main\n', false],
    ['Main', 'main', false],
  ])('%j on %j: %s', (glob, text, expected) => {
    expect(matchesGlob(glob, text)).toBe(expected);
  });

  it('takes no longer for texts made to take long', () => {
    const begun = performance.now();
    for (const glob of ['*a'.repeat(255), `${'a*'.repeat(250)}b`, `*${'a'.repeat(500)}b`, '*?'.repeat(255)]) {
      matchesGlob(glob, 'a'.repeat(2_048));
      expect(matchesGlob(glob, 'a'.repeat(65_536))).toBe(false);
    }
    expect(performance.now() - begun).toBeLessThan(200);
  });
});

it('the claims of a match are own members, and there is at least one', () => {
  expect(claimsMatch({}, { sub: 'a' })).toBe(false);
  expect(claimsMatch({ toString: { glob: '*' } }, { sub: 'a' })).toBe(false);
  expect(claimsMatch({ sub: { glob: '*' } }, { sub: null })).toBe(false);
  expect(claimsMatch({ sub: { glob: '*' } }, { sub: { a: 1 } })).toBe(false);
  expect(claimsMatch({ n: '1' }, { n: [2, 1] })).toBe(true);
});

describe('the keys of an issuer', () => {
  let nowMs: number;
  let reads: number;
  let published: JWK[];
  let isDown: boolean;
  let keys: IssuerKeys;
  const clock: Clock = { now: systemClock.now, monotonicMs: () => nowMs };
  const newKey = async (kid: string): Promise<JWK> => ({
    ...(await exportJWK((await generateKeyPair('ES256', { extractable: true })).publicKey)),
    kid,
  });
  const found = async (kid?: string) =>
    (await keys.candidates({ alg: 'ES256', ...(kid === undefined ? {} : { kid }) })).length;

  beforeEach(async () => {
    [nowMs, reads, isDown] = [1_000_000, 0, false];
    published = [await newKey('a')];
    keys = new IssuerKeys(
      'https://issuer.example',
      async () => {
        reads += 1;
        if (isDown) throw new Error('down');
        return KeySet.read(JSON.stringify({ keys: published }));
      },
      clock,
    );
  });

  it('are read once for many, and again at most once in 30 seconds for what is not among them', async () => {
    expect(await Promise.all([found('a'), found('a'), found('b')])).toEqual([1, 1, 0]);
    expect(reads).toBe(1);
    nowMs += 1;
    for (const kid of ['b', 'c', 'd']) expect(await found(kid)).toBe(0);
    expect(reads).toBe(2);
    published = [...published, await newKey('b')];
    nowMs += 29_998;
    expect(await found('b')).toBe(0);
    nowMs += 2;
    expect(await Promise.all([found('b'), found('b')])).toEqual([1, 1]);
    expect(reads).toBe(3);
    nowMs += 1;
    expect(await found('made up')).toBe(0);
    expect(reads).toBe(3);
  });

  it('that the issuer has taken back are refused once they are read again, after five minutes', async () => {
    expect(await found('a')).toBe(1);
    published = [await newKey('b')];
    nowMs += 299_999;
    expect(await found('a')).toBe(1);
    nowMs += 1;
    expect(await found('a')).toBe(0);
    expect(await found('b')).toBe(1);
  });

  it('serve through an outage for a day, in which the issuer is asked twice a minute', async () => {
    expect(await found('a')).toBe(1);
    isDown = true;
    const before = reads;
    for (nowMs += 300_000; nowMs < 1_000_000 + 600_000; nowMs += 1_000) expect(await found('a')).toBe(1);
    expect(reads - before).toBe(10);
    // It may be a new key: nobody can tell.
    await expect(found('b')).rejects.toMatchObject({ code: 'issuer_unavailable' });
    nowMs = 1_000_000 + 86_400_000;
    await expect(found('a')).rejects.toMatchObject({ code: 'issuer_unavailable' });
    isDown = false;
    nowMs += 30_000;
    expect(await found('a')).toBe(1);
  });

  it('that were never read are tried again after a second', async () => {
    isDown = true;
    await expect(found('a')).rejects.toMatchObject({ code: 'issuer_unavailable' });
    isDown = false;
    await expect(found('a')).rejects.toMatchObject({ code: 'issuer_unavailable' });
    expect(reads).toBe(1);
    nowMs += 1_000;
    expect(await found('a')).toBe(1);
  });

  it('are those that sign: without a kid every one of the kind, and of odd members none', async () => {
    const secret: JWK = { kty: 'oct', k: 'c2VjcmV0', kid: 'a', alg: 'HS256' };
    const certificate = { ...(await newKey('x')), use: 'x509-svid' };
    const spiffe = { ...(await newKey('s')), use: 'jwt-svid' };
    published = [...published, secret, certificate, spiffe, null as never, 'text' as never];
    expect(await found()).toBe(2);
    expect(await found('s')).toBe(1);
    expect(await found('x')).toBe(0);
    expect(await keys.candidates({ alg: 'HS256', kid: 'a' })).toEqual([]);
    expect(() => KeySet.read('{"keys": {}}')).toThrow();
  });
});
