import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JournalIndex } from './journal-index.js';
import { Segment } from './segment.js';
import { entry } from './spec-support/writer.js';

describe('the index of a journal', () => {
  let folder: string;
  const segments: Segment[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gk-index-'));
    for (const number of [1, 2, 3]) segments.push(await Segment.create(folder, number, 4_096));
  });
  afterAll(async () => {
    for (const segment of segments) await segment.remove();
    rmSync(folder, { recursive: true });
  });

  const segment = (number: number): Segment => segments[number - 1] as Segment;

  it('keeps a settled entry in little memory', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const used = () => {
      collect();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    const count = 100_000;
    const index = new JournalIndex();
    const before = used();
    for (let at = 0; at < count; at += 1) {
      const settled = entry({ sealed: '' });
      index.note({ entry: settled }, { segment: segment(1), at });
      index.settle(settled.id, 1);
    }
    // About 90, and several hundred once a head is kept.
    expect((used() - before) / count).toBeLessThan(200);
    expect(index.segmentsInUse(0).size).toBe(1);
  });

  it('has a segment in use for what is unsettled, or the newest of its connection and settled lately', () => {
    const index = new JournalIndex();
    const [first, second] = [entry(), entry()];
    const renewed = entry({ key: first.key, version: 2 });
    const inUse = (afterMs: number) => [...index.segmentsInUse(afterMs)].map(({ number }) => number);
    index.note({ entry: first }, { segment: segment(1), at: 0 });
    index.note({ entry: second }, { segment: segment(2), at: 0 });
    expect(inUse(100)).toEqual([1, 2]);
    index.note({ settled: first.id, atMs: 5 }, { segment: segment(2), at: 50 });
    index.settle(second.id, 7);
    expect(inUse(4)).toEqual([1, 2]);
    expect(inUse(6)).toEqual([2]);
    index.note({ entry: renewed }, { segment: segment(3), at: 0 });
    expect(inUse(4)).toEqual([3, 2]);
    index.settle(renewed.id, 9);
    expect(inUse(8)).toEqual([3]);
    index.forget(segment(2));
    expect(index.placeOf(second)).toBeUndefined();
    expect(index.placeOf(renewed)).toEqual({ segment: segment(3), at: 0 });
  });
});
