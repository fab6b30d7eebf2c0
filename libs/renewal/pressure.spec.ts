import { describe, expect, it } from '@jest/globals';
import type { Settings } from '#config';
import type { ExchangeResult } from '#exchange';
import { type FailureCode, failureCodes } from '#provider-kit';
import { laneName } from '#vault';
import { Pressure } from './pressure.js';

const lane = { tenantId: 'a tenant', upstream: 'a provider' };

describe('what a worker learns of a provider from how renewals end', () => {
  let nowMs = 0;

  function pressure() {
    nowMs = 0;
    const clock = { now: () => new Date(), monotonicMs: () => nowMs };
    const limits = { perTenant: 32, perUpstream: 96, breakerFailures: 2, breakerMaxSeconds: 30 };
    return new Pressure(clock, { pressure: limits } as unknown as Settings);
  }

  function failed(code: FailureCode): ExchangeResult {
    const lastError = { code, at: '', attempts: 1, next_attempt_at: null, remedy: '' };
    return { kind: 'failed', failure: { code, ...failureCodes[code] }, lastError, holdBackSeconds: 1 };
  }

  async function sparedAfter(...codes: FailureCode[]): Promise<boolean> {
    const one = pressure();
    for (const code of codes) await one.count(lane, async () => failed(code));
    return one.sparedForSeconds(lane) !== undefined;
  }

  it('spares it after a few breakdowns in a row, and not once it has answered', async () => {
    expect(await sparedAfter('server_error')).toBe(false);
    expect(await sparedAfter('server_error', 'upstream_timeout')).toBe(true);
    expect(await sparedAfter('server_error', 'upstream_timeout', 'invalid_grant')).toBe(false);
  });

  it.each([
    'journal_unavailable',
    'secret_unreadable',
    'not_renewable',
    'internal_error',
    'egress_refused',
    'discovery_failed',
  ] as const)('learns nothing from %s: it was not asked', async (code) => {
    expect(await sparedAfter('server_error', 'server_error', code)).toBe(true);
  });

  it('forgets it when nobody has asked for ten minutes although a probe was possible', async () => {
    const one = pressure();
    for (let n = 0; n < 2; n += 1) await one.count(lane, async () => failed('server_error'));
    nowMs = 600_000;
    expect(one.forClaim().lanes).toEqual({ [laneName(lane)]: 1 });
    nowMs = 700_000;
    expect(one.forClaim().lanes).toEqual({});
    await one.count(lane, async () => failed('server_error'));
    expect(one.sparedForSeconds(lane)).toBeUndefined();
  });

  it('forgets it while others break down, too, and counts no breakdown that is so old', async () => {
    const one = pressure();
    await one.count(lane, async () => failed('server_error'));
    nowMs = 700_000;
    await one.count({ ...lane, tenantId: 'another' }, async () => failed('server_error'));
    await one.count(lane, async () => failed('server_error'));
    expect(one.sparedForSeconds(lane)).toBeUndefined();
  });

  it('forgets nothing of whom it is asking just now', async () => {
    const one = pressure();
    for (let n = 0; n < 2; n += 1) await one.count(lane, async () => failed('server_error'));
    nowMs = 900_000;
    await one.count(lane, async () => {
      expect(one.forClaim().lanes).toEqual({ [laneName(lane)]: 0 });
      return failed('server_error');
    });
    expect(one.sparedForSeconds(lane)).toBe(2);
  });
});
