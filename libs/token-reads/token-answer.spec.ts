import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { failureCodes } from '#provider-kit';
import { isFresh } from '#renewal';
import type { TokenReading } from '#vault';
import { servedToken, withoutToken } from './token-answer.js';

const lifetimes = fc.integer({ min: 0, max: 31_536_000_000 });
const minTtls = fc.integer({ min: 0, max: 86_400 });

const reading: TokenReading = {
  connectionId: 'connection',
  upstream: 'some-provider',
  provider: 'some-provider',
  status: 'active',
  generation: 7,
  token: { accessToken: 'token', tokenType: 'Bearer', scope: 'a b', refreshToken: 'never served' },
  fields: {},
  lifetimeMs: 300_000,
  remainingMs: 100_000,
  expiresAt: new Date('2030-01-02T03:04:05Z'),
  retryInMs: 0,
  leased: false,
  lastError: null,
  singleUse: false,
  pendingGrant: null,
  polled: false,
  paused: false,
  settings: {},
  auditedStrictly: false,
};

describe('isFresh', () => {
  it('holds while at least min(min_ttl, half the lifetime) is left, and never once it has expired', () => {
    fc.assert(
      fc.property(
        lifetimes,
        minTtls,
        fc.integer({ min: -1_000, max: 31_536_000_000 }),
        (lifetime, minTtl, left) => {
          const wanted = Math.min(minTtl * 1_000, lifetime / 2);
          expect(isFresh(left, lifetime, minTtl)).toBe(left > 0 && left >= wanted);
        },
      ),
    );
  });

  it('holds for every token that has just been issued, whatever min_ttl asks', () => {
    fc.assert(
      fc.property(lifetimes, minTtls, (lifetime, minTtl) => {
        fc.pre(lifetime > 0);
        expect(isFresh(lifetime, lifetime, minTtl)).toBe(true);
      }),
    );
  });

  it.each([
    [60_000, 3_600_000, 60, true],
    [59_999, 3_600_000, 60, false],
    [1_500, 3_000, 60, true],
    [1_499, 3_000, 60, false],
    [1, 3_000, 0, true],
    [0, 3_000, 0, false],
  ])('%d ms left of %d with min_ttl %d: %s', (remaining, lifetime, minTtl, fresh) => {
    expect(isFresh(remaining, lifetime, minTtl)).toBe(fresh);
  });
});

describe('servedToken', () => {
  it('counts from before the question, and carries no refresh token', () => {
    const served = servedToken('tenant', reading, 5_000);
    expect(served).toEqual({
      connectionId: 'connection',
      tenantId: 'tenant',
      accessToken: 'token',
      tokenType: 'Bearer',
      scope: 'a b',
      generation: 7,
      expiresAt: '2030-01-02T03:04:05.000Z',
      lifetimeMs: 300_000,
      expiresAtMs: 105_000,
      auditedStrictly: false,
    });
    expect(servedToken('tenant', { ...reading, token: null }, 5_000)).toBeUndefined();
  });
});

describe('withoutToken', () => {
  const lastError = { code: 'access_denied', at: '', attempts: 1, next_attempt_at: null, remedy: '' };

  it('says who must act', () => {
    expect(withoutToken({ ...reading, status: 'reauthorization_required', lastError }, 3)).toEqual({
      kind: 'reauthorization_required',
      remedy: failureCodes.access_denied.remedy,
    });
    expect(withoutToken({ ...reading, status: 'reauthorization_required' }, 3)).toEqual({
      kind: 'reauthorization_required',
      remedy: failureCodes.invalid_grant.remedy,
    });
    expect(withoutToken({ ...reading, status: 'pending' }, 3)).toEqual({ kind: 'authorization_pending' });
    for (const status of ['active', 'degraded'] as const) {
      expect(withoutToken({ ...reading, status, lastError }, 3)).toEqual({
        kind: 'unavailable',
        retryAfterSeconds: 3,
      });
    }
  });
});
