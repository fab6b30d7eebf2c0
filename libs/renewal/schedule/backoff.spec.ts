import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { afterFailure } from './backoff.js';

const retried = fc.constantFrom('transient' as const, 'unknown' as const, 'configuration' as const);
const failures = fc.record({ class: retried, attempts: fc.integer({ min: 1, max: 100_000 }) });
const shares = fc.double({ min: 0, max: 1, noNaN: true });
const retryAfters = fc.integer({ min: 0, max: 86_400 });

describe('afterFailure', () => {
  it('tries nothing again after a terminal failure', () => {
    fc.assert(
      fc.property(fc.nat(), fc.option(retryAfters, { nil: undefined }), (attempts, retryAfterSeconds) => {
        expect(afterFailure({ class: 'terminal', attempts, retryAfterSeconds }, 300)).toEqual({
          nextAttemptSeconds: null,
          holdBackSeconds: 0,
        });
      }),
    );
  });

  it('tries again after one second at the earliest and an hour at the latest, however often it has failed', () => {
    fc.assert(
      fc.property(failures, shares, (failure, share) => {
        const { nextAttemptSeconds, holdBackSeconds } = afterFailure(failure, 300, () => share);
        expect(nextAttemptSeconds).toBeGreaterThanOrEqual(1);
        expect(nextAttemptSeconds).toBeLessThanOrEqual(failure.class === 'configuration' ? 3_600 : 300);
        expect(holdBackSeconds).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it('never tries again before the provider’s Retry-After, neither by itself nor for a reader', () => {
    fc.assert(
      fc.property(failures, shares, retryAfters, (failure, share, retryAfterSeconds) => {
        const after = afterFailure({ ...failure, retryAfterSeconds }, 300, () => share);
        expect(after.nextAttemptSeconds).toBeGreaterThanOrEqual(retryAfterSeconds);
        expect(after.holdBackSeconds).toBeGreaterThanOrEqual(retryAfterSeconds);
      }),
    );
  });

  it('doubles its ceiling with each attempt, up to the cap', () => {
    const latest = (attempts: number) =>
      afterFailure({ class: 'transient', attempts }, 300, () => 1).nextAttemptSeconds;
    expect([1, 2, 3, 8, 9, 1_000].map(latest)).toEqual([2, 4, 8, 256, 300, 300]);
  });

  it('spreads attempts over the whole range: full jitter', () => {
    const at = (share: number) =>
      afterFailure({ class: 'unknown', attempts: 6 }, 300, () => share).nextAttemptSeconds;
    expect([0, 0.5, 1].map(at)).toEqual([1, 32.5, 64]);
    const drawn = Array.from(
      { length: 300 },
      () => afterFailure({ class: 'unknown', attempts: 6 }, 300).nextAttemptSeconds,
    );
    expect(new Set(drawn).size).toBeGreaterThan(200);
  });
});
