import { describe, expect, it } from '@jest/globals';
import type { ServedToken } from '#token-reads';
import { goodUntilMs } from './served.js';

describe('an answer that is kept for the next request', () => {
  const token = (expiresAtMs: number) => ({ expiresAtMs }) as ServedToken;

  it.each([
    ['ends with the second that it tells of', [10_050], 8_000, 8_050],
    ['ends soon, for what is not told of', [10_000], 8_000.5, 8_100.5],
    ['ends with the first of its tokens', [10_090, 10_020], 8_000, 8_020],
    ['is good at no other moment where a second has just begun', [10_000], 8_000, 8_000],
  ])('%s', (_, ends, nowMs, untilMs) => {
    const [first = 0, ...others] = ends;
    expect(goodUntilMs([token(first), ...others.map(token)], nowMs)).toBe(untilMs);
  });
});
