import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { IssuedLifetimes } from './due-time.js';
import { dueAfter, leadSeconds } from './due-time.js';
import { isFresh } from './is-fresh.js';

const oneYearSeconds = 31_536_000;

/** Only what the decision looks at. */
const provider = (renewalInvalidatesPrevious: boolean) => ({ renewalInvalidatesPrevious });

/** When tokens of a connection in use fall due, whether that was said beforehand or by its readers. */
const renewAfterSeconds = (issued: IssuedLifetimes) => {
  const { nextSeconds, onceReadSeconds } = dueAfter(issued);
  return onceReadSeconds ?? nextSeconds;
};

const tokens = fc.record({
  connectionId: fc.uuid(),
  provider: fc.boolean().map(provider),
  renewal: fc.constantFrom('auto' as const, 'eager' as const),
  accessTokenSeconds: fc.oneof(fc.integer({ min: 2, max: 600 }), fc.integer({ min: 2, max: oneYearSeconds })),
  refreshTokenSeconds: fc.option(fc.integer({ min: 2, max: oneYearSeconds })),
  hasRefreshToken: fc.boolean(),
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
        if (issued.hasRefreshToken && issued.refreshTokenSeconds !== null) {
          expect(due).toBeLessThanOrEqual(Math.max(1, (issued.refreshTokenSeconds * 2) / 3));
        }
      }),
    );
  });

  it.each([
    [600, 30, 570],
    [600, 1, 599],
    [3_600, 86_400, 2_880],
    [20, 30, 10],
  ])('of %d s is at most %d s ahead where the server refuses to sooner (d26): %d', (life, most, due) => {
    const issued = {
      connectionId: '00000000-0000-0000-0000-000000000000',
      provider: provider(false),
      renewal: 'eager',
      mostLeadSeconds: most,
      accessTokenSeconds: life,
      refreshTokenSeconds: 30 * 86_400,
      hasRefreshToken: true,
    } as const;
    const { nextSeconds } = dueAfter(issued);
    expect(nextSeconds).toBeGreaterThanOrEqual(due - 0.1 * leadSeconds(life));
    expect(nextSeconds).toBeLessThanOrEqual(due);
    if (most < leadSeconds(life)) expect(nextSeconds).toBe(due);
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
            hasRefreshToken: false,
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
        hasRefreshToken: false,
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
      hasRefreshToken: true,
    } as const;
    expect(renewAfterSeconds({ ...issued, accessTokenSeconds: 0 })).toBe(1);
    expect(renewAfterSeconds({ ...issued, accessTokenSeconds: 3_600, refreshTokenSeconds: 0 })).toBe(1);
  });

  it('keeps an unread connection alive by its refresh token alone, unless it is eager', () => {
    const issued = { connectionId: 'c', provider: provider(false), accessTokenSeconds: 3_600 } as const;
    const withRefreshToken = { ...issued, hasRefreshToken: true, refreshTokenSeconds: 90_000 };
    const without = { ...issued, hasRefreshToken: false, refreshTokenSeconds: null };
    for (const renewal of ['auto', 'on_demand'] as const) {
      const { nextSeconds } = dueAfter({ ...withRefreshToken, renewal });
      expect(nextSeconds).toBeGreaterThanOrEqual(57_000);
      expect(nextSeconds).toBeLessThanOrEqual(60_000);
      expect(dueAfter({ ...without, renewal }).nextSeconds).toBeNull();
    }
    expect(dueAfter({ ...withRefreshToken, renewal: 'eager' }).nextSeconds).toBeLessThan(3_600);
    expect(dueAfter({ ...without, renewal: 'eager' }).nextSeconds).toBeLessThan(3_600);
  });

  it('lets reading hasten only the renewal of an auto connection', () => {
    const issued = { connectionId: 'c', provider: provider(false), accessTokenSeconds: 3_600 } as const;
    const tokensOf = { ...issued, hasRefreshToken: true, refreshTokenSeconds: 90_000 };
    expect(dueAfter({ ...tokensOf, renewal: 'auto' }).onceReadSeconds).toBeLessThan(3_600);
    expect(dueAfter({ ...tokensOf, renewal: 'eager' }).onceReadSeconds).toBeNull();
    expect(dueAfter({ ...tokensOf, renewal: 'on_demand' }).onceReadSeconds).toBeNull();
  });

  it('is never earlier than the server allows, not even to keep the grant alive', () => {
    fc.assert(
      fc.property(tokens, fc.integer({ min: 1, max: 86_400 }), (issued, mostLeadSeconds) => {
        const { nextSeconds, onceReadSeconds } = dueAfter({ ...issued, mostLeadSeconds });
        const earliest = issued.accessTokenSeconds - mostLeadSeconds;
        expect(nextSeconds ?? earliest).toBeGreaterThanOrEqual(earliest);
        expect(onceReadSeconds ?? earliest).toBeGreaterThanOrEqual(earliest);
      }),
    );
  });

  it('takes a refresh token of unknown life for one of a week', () => {
    const issued = {
      connectionId: 'c',
      provider: provider(false),
      accessTokenSeconds: 3_600,
      hasRefreshToken: true,
      refreshTokenSeconds: null,
      renewal: 'auto',
    } as const;
    const weekSeconds = 7 * 86_400;
    expect(dueAfter(issued).nextSeconds).toBeLessThanOrEqual((weekSeconds * 2) / 3);
    expect(dueAfter(issued).nextSeconds).toBeGreaterThan(weekSeconds / 2);
  });
});
