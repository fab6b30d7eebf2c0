import { beforeEach, describe, expect, it } from '@jest/globals';
import { loadSettings } from '#config';
import { type Clock, systemClock } from '#provider-kit';
import { ChangeFeed } from './change-feed.js';
import { HeardCache } from './heard-cache.js';

interface Row {
  readonly tenant: string;
  readonly id: string;
}

let nowMs = 0;
const clock: Clock = { now: systemClock.now, monotonicMs: () => nowMs };
const settings = loadSettings({ GRANTKEEPER_KEKS: `k:${Buffer.alloc(32).toString('base64')}` });

/** Hears as of now; nothing connects it to a database. */
let feed: ChangeFeed;
let cache: HeardCache<Row>;
beforeEach(() => {
  nowMs = 1_000_000;
  feed = new ChangeFeed(settings, clock);
  feed.lastHeardAtMs = nowMs;
  cache = new HeardCache<Row>(feed, clock, {
    maxEntries: 3,
    outageSeconds: 60,
    rowsOf: {
      api_key: undefined,
      workload_identities: undefined,
      tenant: ({ tenant }) => tenant,
      connection: ({ id }) => id,
    },
  });
});

const put = (key: string, value: Row) => cache.put(key, value, cache.asking());

describe('HeardCache', () => {
  it('does not keep a value that was asked for before its row changed', () => {
    const asked = cache.asking();
    feed.tellHere({ kind: 'connection', id: '1' });
    feed.tellHere({ kind: 'connection', id: 'another' });
    expect(cache.put('a', { tenant: 't', id: '1' }, asked)).toBe(false);
    expect(cache.get('a')).toBeUndefined();
    expect(put('a', { tenant: 't', id: '1' })).toBe(true);
  });

  it('keeps a value that was asked for before other rows changed', () => {
    const asked = cache.asking();
    feed.tellHere({ kind: 'connection', id: 'another' });
    feed.tellHere({ kind: 'tenant', id: 'another' });
    expect(cache.put('a', { tenant: 't', id: '1' }, asked)).toBe(true);
  });

  it('does not keep a value where it does not remember any more which rows have changed since', () => {
    const early = cache.asking();
    feed.tellHere({ kind: 'connection', id: '1' });
    const asked = cache.asking();
    for (let n = 0; n < 20_000; n += 1) feed.tellHere({ kind: 'connection', id: `other ${n}` });
    expect(cache.put('a', { tenant: 't', id: '1' }, early)).toBe(false);
    expect(cache.put('a', { tenant: 't', id: '1' }, asked)).toBe(true);
  });

  it('lets changes of rows that none of its values tell of pass', () => {
    const asked = cache.asking();
    feed.tellHere({ kind: 'api_key', id: '1' });
    expect(cache.put('a', { tenant: 't', id: '1' }, asked)).toBe(true);
  });

  it('forgets every value that tells of a changed row, and no other', () => {
    put('a', { tenant: 't', id: '1' });
    put('b', { tenant: 't', id: '2' });
    put('c', { tenant: 'u', id: '2' });
    feed.tellHere({ kind: 'connection', id: '1' });
    expect(['a', 'b', 'c'].filter((key) => cache.get(key))).toEqual(['b', 'c']);
    feed.tellHere({ kind: 'connection', id: '2' });
    expect(['a', 'b', 'c'].filter((key) => cache.get(key))).toEqual([]);
    put('a', { tenant: 't', id: '1' });
    put('c', { tenant: 'u', id: '2' });
    feed.tellHere({ kind: 'tenant', id: 't' });
    expect(['a', 'c'].filter((key) => cache.get(key))).toEqual(['c']);
  });

  it('follows a value that was put again under its key', () => {
    put('a', { tenant: 't', id: '1' });
    put('a', { tenant: 't', id: '2' });
    feed.tellHere({ kind: 'connection', id: '1' });
    expect(cache.get('a')).toEqual({ tenant: 't', id: '2' });
    feed.tellHere({ kind: 'connection', id: '2' });
    expect(cache.get('a')).toBeUndefined();
  });

  it('drops the value that was used longest ago when it is full', () => {
    for (const key of ['a', 'b', 'c']) put(key, { tenant: 't', id: key });
    cache.get('a');
    put('d', { tenant: 't', id: 'd' });
    expect(['a', 'b', 'c', 'd'].filter((key) => cache.get(key))).toEqual(['a', 'c', 'd']);
  });

  it('trusts a value for two seconds while nothing is heard, and for the outage bound while nobody can be asked', () => {
    put('a', { tenant: 't', id: '1' });
    feed.lastHeardAtMs = nowMs - 2_000;
    nowMs += 2_000;
    expect(cache.get('a')).toBeDefined();
    nowMs += 1;
    expect(cache.get('a')).toBeUndefined();
    feed.lastHeardAtMs = nowMs;
    expect(cache.get('a')).toBeDefined();
    nowMs += 59_999;
    expect(cache.getDuringOutage('a')).toBeDefined();
    nowMs += 1;
    expect(cache.getDuringOutage('a')).toBeUndefined();
  });
});
