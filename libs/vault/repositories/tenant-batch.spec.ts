import { describe, expect, it } from '@jest/globals';
import { TenantBatch } from './tenant-batch.js';

/** Doubles numbers; fails on any batch that holds a 13, as the database is away on any that holds a 0. */
function doubling() {
  const asked: [string, readonly number[]][] = [];
  const batch = new TenantBatch<number, number>(async (tenantId, items) => {
    asked.push([tenantId, items]);
    if (items.includes(0)) throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
    if (items.includes(13)) throw new Error('unlucky');
    return items.map((item) => 2 * item);
  });
  return { asked, batch };
}

describe('TenantBatch', () => {
  it('asks once for all that comes in one turn for one tenant, and answers each', async () => {
    const { asked, batch } = doubling();
    const results = [batch.add('a', 1), batch.add('b', 2), batch.add('a', 3)];
    expect(await Promise.all(results)).toEqual([2, 4, 6]);
    expect(await batch.add('a', 4)).toBe(8);
    expect(asked).toEqual([
      ['a', [1, 3]],
      ['b', [2]],
      ['a', [4]],
    ]);
  });

  it('tries each alone where all together fail, so that one does not spoil it for the others', async () => {
    const { asked, batch } = doubling();
    const results = await Promise.allSettled([batch.add('a', 1), batch.add('a', 13), batch.add('a', 2)]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(asked.map(([, items]) => items)).toEqual([[1, 13, 2], [1], [13], [2]]);
  });

  it('tells all at once that the database is away, without asking it again', async () => {
    const { asked, batch } = doubling();
    const results = await Promise.allSettled([batch.add('a', 1), batch.add('a', 0)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(asked).toHaveLength(1);
  });
});
