import { describe, expect, it } from '@jest/globals';
import { GroupCommit } from './group-commit.js';
import { RefusalSums } from './refusal-sums.js';
import { TokenReadCounts } from './token-read-counts.js';

describe('counts of token reads', () => {
  const read = (caller: number, connection: number, tenantId = 't') => ({
    tenantId,
    tenantSlug: `slug of ${tenantId}`,
    callerId: `c${caller}`,
    connection: `n${connection}`,
  });

  it('are bounded, and add up all the same', () => {
    const counts = new TokenReadCounts(100);
    for (let at = 0; at < 10_000; at += 1) counts.add(read(at % 7, at % 50, at % 2 === 0 ? 'a' : 'b'), at);
    const taken = ['a', 'b'].flatMap((tenantId) => counts.take(tenantId, 1_000));
    expect(taken.length).toBeLessThanOrEqual(102);
    expect(taken.reduce((sum, { count }) => sum + count, 0)).toBe(10_000);
    expect(taken.filter(({ callerId }) => callerId === null)).toHaveLength(2);
    expect(counts.tenantIds).toEqual([]);
    expect(counts.take('a', 1)).toEqual([]);
  });

  it('say who read what, how often, from when to when, and are taken in pieces', () => {
    const counts = new TokenReadCounts(100);
    for (const atMs of [5, 7, 9]) counts.add(read(1, 1), atMs);
    counts.add(read(1, 2), 8);
    const [first] = counts.take('t', 1);
    expect(first).toEqual({
      tenantSlug: 'slug of t',
      callerId: 'c1',
      connection: 'n1',
      count: 3,
      fromMs: 5,
      toMs: 9,
    });
    expect(counts.tenantIds).toEqual(['t']);
    expect(['t', 'another'].map((tenantId) => counts.entriesOf(tenantId))).toEqual([1, 0]);
    expect(counts.take('t', 5).map(({ connection }) => connection)).toEqual(['n2']);
  });
});

describe('sums of refusals', () => {
  it('are bounded, keep what could not be written, and can be moved to one name', () => {
    const sums = new RefusalSums<string>(3);
    for (let at = 0; at < 10; at += 1) sums.add(`k${at}`, '', `who ${at}`, 'others', at);
    expect(sums.names).toEqual(['k0', 'k1', 'k2', '']);
    const taken = sums.takeAll();
    expect(taken.at(-1)).toEqual(['', { who: 'others', count: 7, fromMs: 3, toMs: 9 }]);
    sums.add('k1', '', 'who 1', 'others', 20);
    for (const [name, sum] of taken) sums.putBack(name, sum);
    sums.merge('', (name) => name === 'k1');
    expect(new Map(sums.takeAll()).get('')).toEqual({
      who: 'others',
      count: 9,
      fromMs: 1,
      toMs: 20,
    });
  });
});

describe('a group commit', () => {
  it('writes once at a time for a tenant, what waits together, and fails whom it concerns', async () => {
    const written: string[][] = [];
    let running = 0;
    const commits = new GroupCommit<string>(3, async (_, items) => {
      running += 1;
      expect(running).toBe(1);
      await new Promise(setImmediate);
      running -= 1;
      written.push([...items]);
      if (items.includes('bad')) throw new Error('refused');
    });
    const all = ['a', 'b', 'c', 'bad', 'd', 'e', 'f'].map((item) => commits.add('t', item));
    const ends = (await Promise.allSettled(all)).map(({ status }) => status === 'fulfilled');
    expect(written).toEqual([['a', 'b', 'c'], ['bad', 'd', 'e'], ['f']]);
    expect(ends).toEqual([true, true, true, false, false, false, true]);
    await commits.add('t', 'again');
    expect(written.at(-1)).toEqual(['again']);
  });
});
