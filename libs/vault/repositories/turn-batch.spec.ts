import { describe, expect, it } from '@jest/globals';
import { TurnBatch } from './turn-batch.js';

/** Doubles numbers; fails on any batch that holds a 13, as the database is away on any that holds a 0. */
function doubling() {
  const asked: (readonly number[])[] = [];
  const batch = new TurnBatch<number, number>(async (items) => {
    asked.push(items);
    if (items.includes(0)) throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
    if (items.includes(13)) throw new Error('unlucky');
    return items.map((item) => 2 * item);
  });
  return { asked, batch };
}

describe('TurnBatch', () => {
  it('asks once for all that comes in one turn, and answers each', async () => {
    const { asked, batch } = doubling();
    const results = [batch.add(1), batch.add(2), batch.add(3)];
    expect(await Promise.all(results)).toEqual([2, 4, 6]);
    expect(await batch.add(4)).toBe(8);
    expect(asked).toEqual([[1, 2, 3], [4]]);
  });

  it('tries each alone where all together fail, so that one does not spoil it for the others', async () => {
    const { asked, batch } = doubling();
    const results = await Promise.allSettled([batch.add(1), batch.add(13), batch.add(2)]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(asked).toEqual([[1, 13, 2], [1], [13], [2]]);
  });

  it('tells all at once that the database is away, without asking it again', async () => {
    const { asked, batch } = doubling();
    const results = await Promise.allSettled([batch.add(1), batch.add(0)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(asked).toHaveLength(1);
  });
});
