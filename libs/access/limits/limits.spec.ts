import { describe, expect, it } from '@jest/globals';
import { loadSettings } from '#config';
import { systemClock } from '#provider-kit';
import { ChangeFeed } from '#vault';
import { addressBlock } from './address-block.js';
import { RateLimiter } from './rate-limiter.js';
import { UnknownKeys } from './unknown-keys.js';

describe('RateLimiter', () => {
  const rate = { perSecond: 10, burst: 5 };

  it('lets a burst through, then one each tenth of a second, and none for having waited in vain', () => {
    const limiter = new RateLimiter(10);
    expect(Array.from({ length: 5 }, () => limiter.take('a', rate, 1_000))).toEqual([0, 0, 0, 0, 0]);
    expect(limiter.take('a', rate, 1_000)).toBe(100);
    expect(limiter.take('a', rate, 1_060)).toBe(40);
    expect(limiter.take('a', rate, 1_100)).toBe(0);
    expect(limiter.take('a', rate, 1_100)).toBe(100);
    const later = Array.from({ length: 6 }, () => limiter.take('a', rate, 60_000));
    expect(later).toEqual([0, 0, 0, 0, 0, 100]);
  });

  it('keeps names apart, and gives back', () => {
    const limiter = new RateLimiter(10);
    for (let i = 0; i < 5; i += 1) limiter.take('a', rate, 0);
    expect(limiter.waitMs('a', rate, 0)).toBe(100);
    expect(limiter.waitMs('b', rate, 0)).toBe(0);
    limiter.giveBack('a', rate);
    expect(limiter.take('a', rate, 0)).toBe(0);
  });
});

describe('addressBlock', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:0:1::7', '2001:db8:0:1::/64'],
    ['2001:0DB8::1:2:3:4:5', '2001:db8:0:1::/64'],
    ['2001:db8:0:1:a:b:c:d', '2001:db8:0:1::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('of %s is %s', (address, block) => expect(addressBlock(address)).toBe(block));
});

it('no more than 10,000 unknown keys are remembered, the latest', () => {
  const settings = loadSettings({ GRANTKEEPER_KEKS: `k:${Buffer.alloc(32).toString('base64')}` });
  const feed = new ChangeFeed(settings, systemClock);
  feed.lastHeardAtMs = systemClock.monotonicMs();
  const unknown = new UnknownKeys(feed);
  for (let at = 0; at <= 10_000; at += 1) unknown.add(`key ${at}`, unknown.asking());
  expect([0, 1, 10_000].map((at) => unknown.has(`key ${at}`))).toEqual([false, true, true]);
});
