import { describe, expect, it } from '@jest/globals';
import type { Settings } from '#config';
import type { ExchangeResult } from '#exchange';
import { type FailureCode, failureCodes } from '#provider-kit';
import { Pressure } from './pressure.js';

const lane = { tenantId: 'a tenant', upstream: 'a provider' };

describe('what a worker learns of a provider from how renewals end', () => {
  function pressure() {
    const clock = { now: () => new Date(), monotonicMs: () => 0 };
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
});
