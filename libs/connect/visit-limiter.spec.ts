import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TooManyVisits, VisitLimiter } from './visit-limiter.js';

describe('visits without a key', () => {
  let limiter: VisitLimiter;
  let ends: (() => void)[];
  let begun: string[];

  beforeEach(() => {
    limiter = new VisitLimiter();
    ends = [];
    begun = [];
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const work = (name: string) => () => {
    begun.push(name);
    return new Promise<void>((resolve) => ends.push(resolve));
  };
  const endFirst = async () => {
    ends.shift()?.();
    await new Promise(setImmediate);
  };

  it('run two at a time, and what was let in goes first', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const all = names.map((name) => limiter.enter(work(name)));
    all.push(limiter.resume(work('again')));
    expect(begun).toEqual(['a', 'b']);
    await endFirst();
    expect(begun).toEqual(['a', 'b', 'again']);
    for (let i = 0; i < 4; i += 1) await endFirst();
    expect(begun).toEqual(['a', 'b', 'again', 'c', 'd']);
    await Promise.all(all);
  });

  it('give their place back when they fail', async () => {
    for (let i = 0; i < 5; i += 1) {
      await expect(limiter.enter(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    }
  });

  it('are refused when 500 wait, and work of one let in is not', async () => {
    const all = Array.from({ length: 502 }, () => limiter.enter(work('x')));
    await expect(limiter.enter(work('y'))).rejects.toThrow(TooManyVisits);
    all.push(limiter.resume(work('z')));
    for (let i = 0; i < 503; i += 1) await endFirst();
    await Promise.all(all);
    expect(begun).toHaveLength(503);
  });

  it('wait 5 s at most', async () => {
    jest.useFakeTimers();
    const all = [limiter.enter(work('a')), limiter.enter(work('b'))];
    const late = limiter.enter(work('c'));
    const refused = expect(late).rejects.toThrow(TooManyVisits);
    jest.advanceTimersByTime(5_000);
    await refused;
    for (const end of ends) end();
    await Promise.all(all);
    expect(begun).toEqual(['a', 'b']);
  });
});
