import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ProviderDescriptor } from '#provider-kit';
import { leadSeconds, renewAfterSeconds } from './due-time.js';
import { isFresh } from './token-answer.js';

const oneYearSeconds = 31_536_000;

/** Only what the decision looks at. */
const provider = (renewalInvalidatesPrevious: boolean) =>
  ({ renewalInvalidatesPrevious }) as unknown as ProviderDescriptor;

const tokens = fc.record({
  connectionId: fc.uuid(),
  provider: fc.boolean().map(provider),
  renewal: fc.constantFrom('auto' as const, 'eager' as const),
  accessTokenSeconds: fc.oneof(fc.integer({ min: 2, max: 600 }), fc.integer({ min: 2, max: oneYearSeconds })),
  refreshTokenSeconds: fc.option(fc.integer({ min: 2, max: oneYearSeconds })),
});

describe('leadSeconds', () => {
  it.each([
    [3, 1.5],
    [180, 90],
    [300, 90],
    [450, 90],
    [3_600, 720],
    [86_400, 17_280],
  ])('of a token of %d s is %d s', (lifetime, lead) => {
    expect(leadSeconds(lifetime)).toBe(lead);
  });

  it('is at least a fifth of the life and at most half of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: oneYearSeconds }), (lifetime) => {
        expect(leadSeconds(lifetime)).toBeGreaterThanOrEqual(0.2 * lifetime);
        expect(leadSeconds(lifetime)).toBeLessThanOrEqual(0.5 * lifetime);
      }),
    );
  });
});

describe('renewAfterSeconds', () => {
  it('is never later than the lead before expiry, nor than two thirds of the refresh token’s life', () => {
    fc.assert(
      fc.property(tokens, (issued) => {
        const due = renewAfterSeconds(issued);
        expect(due).toBeGreaterThanOrEqual(1);
        expect(due).toBeLessThanOrEqual(
          Math.max(
            1,
            issued.accessTokenSeconds -
              leadSeconds(issued.accessTokenSeconds, issued.provider.renewalInvalidatesPrevious),
          ),
        );
        if (issued.refreshTokenSeconds !== null) {
          expect(due).toBeLessThanOrEqual(Math.max(1, (issued.refreshTokenSeconds * 2) / 3));
        }
      }),
    );
  });

  it('comes while a reader who names no min_ttl still finds the token fresh', () => {
    fc.assert(
      fc.property(tokens, (issued) => {
        const remainingMs = (issued.accessTokenSeconds - (renewAfterSeconds(issued) ?? 0)) * 1_000;
        expect(isFresh(remainingMs, issued.accessTokenSeconds * 1_000, 60)).toBe(true);
      }),
    );
  });

  it('is as late as is safe, to the second, where renewing kills the predecessor', () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.integer({ min: 2, max: oneYearSeconds }),
        (connectionId, accessTokenSeconds) => {
          const issued = {
            connectionId,
            provider: provider(true),
            renewal: 'auto' as const,
            accessTokenSeconds,
            refreshTokenSeconds: null,
          };
          expect(renewAfterSeconds(issued)).toBe(
            Math.max(1, accessTokenSeconds - Math.min(90, accessTokenSeconds / 2)),
          );
        },
      ),
    );
  });

  it('spreads connections made together, earlier only and by a tenth of the lead at most', () => {
    const due = (connectionId: string) =>
      renewAfterSeconds({
        connectionId,
        provider: provider(false),
        renewal: 'auto',
        accessTokenSeconds: 3_600,
        refreshTokenSeconds: null,
      }) ?? 0;
    const all = fc.sample(fc.uuid(), 500).map(due);
    expect(Math.max(...all)).toBeLessThanOrEqual(2_880);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(2_880 - 72);
    expect(Math.max(...all) - Math.min(...all)).toBeGreaterThan(60);
    expect(due('the same')).toBe(due('the same'));
  });

  it('asks a provider whose tokens have no life once a second, not in a loop', () => {
    const issued = {
      connectionId: 'c',
      provider: provider(false),
      renewal: 'eager',
      refreshTokenSeconds: null,
    } as const;
    expect(renewAfterSeconds({ ...issued, accessTokenSeconds: 0 })).toBe(1);
    expect(renewAfterSeconds({ ...issued, accessTokenSeconds: 3_600, refreshTokenSeconds: 0 })).toBe(1);
  });

  it('counts only the refresh token where renewal is on demand', () => {
    const issued = {
      connectionId: 'c',
      provider: provider(false),
      renewal: 'on_demand',
      accessTokenSeconds: 3_600,
    } as const;
    expect(renewAfterSeconds({ ...issued, refreshTokenSeconds: null })).toBeNull();
    expect(renewAfterSeconds({ ...issued, refreshTokenSeconds: 90_000 })).toBe(60_000);
  });
});
