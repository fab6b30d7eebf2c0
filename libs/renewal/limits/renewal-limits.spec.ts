import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Settings } from '#config';
import { type FailureCode, failureCodes } from '#provider-kit';
import { type Partition, partitionName } from '#vault';
import type { AttemptResult } from '../attempt-result.js';
import { RenewalLimits } from './renewal-limits.js';
import { RunningRenewals } from './running-renewals.js';

const partition = { tenantId: 'a tenant', upstream: 'a provider' };

describe('what a worker learns of a provider from how renewals end', () => {
  let nowMs = 0;

  function limited() {
    nowMs = 0;
    const clock = { now: () => new Date(), monotonicMs: () => nowMs };
    const limits = { perTenant: 32, perUpstream: 96, breakerFailures: 2, breakerMaxSeconds: 30 };
    const running = new RunningRenewals();
    const renewals = new RenewalLimits(running, clock, { renewalLimits: limits } as unknown as Settings);
    /** As the renewer counts one renewal, and learns from it. */
    const count = (where: Partition, work: () => Promise<AttemptResult>) =>
      running.during({ intentId: randomUUID(), tenantId: where.tenantId }, where.upstream, async () =>
        renewals.learn(where, await work()),
      );
    return Object.assign(renewals, { count });
  }

  function failed(code: FailureCode): AttemptResult {
    const lastError = { code, at: '', attempts: 1, next_attempt_at: null, remedy: '' };
    return { kind: 'failed', failure: { code, ...failureCodes[code] }, lastError, holdBackSeconds: 1 };
  }

  async function waitsAfter(...codes: FailureCode[]): Promise<boolean> {
    const one = limited();
    for (const code of codes) await one.count(partition, async () => failed(code));
    return one.breakerOpenForSeconds(partition) !== undefined;
  }

  it('opens the breaker after a few breakdowns in a row, and not once it has answered', async () => {
    expect(await waitsAfter('server_error')).toBe(false);
    expect(await waitsAfter('server_error', 'upstream_timeout')).toBe(true);
    expect(await waitsAfter('server_error', 'upstream_timeout', 'invalid_grant')).toBe(false);
  });

  it.each([
    'journal_unavailable',
    'key_service_unavailable',
    'secret_unreadable',
    'not_renewable',
    'internal_error',
    'egress_refused',
    'discovery_failed',
  ] as const)('learns nothing from %s: it was not asked', async (code) => {
    expect(await waitsAfter('server_error', 'server_error', code)).toBe(true);
  });

  it('forgets it when nobody has asked for ten minutes although a probe was possible', async () => {
    const one = limited();
    for (let n = 0; n < 2; n += 1) await one.count(partition, async () => failed('server_error'));
    nowMs = 600_000;
    expect(one.forClaim().partitions).toEqual({ [partitionName(partition)]: 1 });
    nowMs = 700_000;
    expect(one.forClaim().partitions).toEqual({});
    await one.count(partition, async () => failed('server_error'));
    expect(one.breakerOpenForSeconds(partition)).toBeUndefined();
  });

  it('forgets it while others break down, too, and counts no breakdown that is so old', async () => {
    const one = limited();
    await one.count(partition, async () => failed('server_error'));
    nowMs = 700_000;
    await one.count({ ...partition, tenantId: 'another' }, async () => failed('server_error'));
    await one.count(partition, async () => failed('server_error'));
    expect(one.breakerOpenForSeconds(partition)).toBeUndefined();
  });

  it('forgets nothing of whom it is asking just now', async () => {
    const one = limited();
    for (let n = 0; n < 2; n += 1) await one.count(partition, async () => failed('server_error'));
    nowMs = 900_000;
    await one.count(partition, async () => {
      expect(one.forClaim().partitions).toEqual({ [partitionName(partition)]: 0 });
      return failed('server_error');
    });
    expect(one.breakerOpenForSeconds(partition)).toBe(2);
  });
});
