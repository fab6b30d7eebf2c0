import { describe, expect, it } from '@jest/globals';
import { retryInSeconds } from './delivery-backoff.js';

const day = 86_400;
const latest = () => 1;
const earliest = () => 0;

describe('when a failed delivery is tried again', () => {
  it.each([
    [1, 5],
    [2, 10],
    [5, 80],
    [11, 5_120],
    [12, 7_200],
    [40, 7_200],
  ])('after attempt %d within %d seconds', (attempts, ceiling) => {
    const failed = { attempts, giveUpInSeconds: day };
    expect(retryInSeconds(failed, latest)).toBe(ceiling);
    expect(retryInSeconds(failed, () => 0.5)).toBe(ceiling / 2);
    expect(retryInSeconds(failed, earliest)).toBe(1);
  });

  it('not before the receiver allows it', () => {
    const failed = { attempts: 1, giveUpInSeconds: day, retryAfterSeconds: 600 };
    expect(retryInSeconds(failed, latest)).toBe(600);
    expect(retryInSeconds({ ...failed, retryAfterSeconds: 0 }, latest)).toBe(5);
  });

  it('a last time when its day is over, then not any more', () => {
    expect(retryInSeconds({ attempts: 20, giveUpInSeconds: 100 }, latest)).toBe(100);
    expect(retryInSeconds({ attempts: 1, giveUpInSeconds: 100, retryAfterSeconds: day }, latest)).toBe(100);
    expect(retryInSeconds({ attempts: 21, giveUpInSeconds: 0 }, latest)).toBeNull();
    expect(retryInSeconds({ attempts: 1, giveUpInSeconds: -1 }, latest)).toBeNull();
  });

  it('some dozens of times in a day', () => {
    let at = 0;
    let attempts = 0;
    for (;;) {
      attempts += 1;
      const next = retryInSeconds({ attempts, giveUpInSeconds: day - at }, () => 0.5);
      if (next === null) break;
      at += next;
    }
    expect(at).toBe(day);
    expect(attempts).toBeGreaterThan(20);
    expect(attempts).toBeLessThan(60);
  });
});
