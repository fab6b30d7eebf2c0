import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Stopwatch, useReplicas } from '#testing';

/** All but `Date`, which then stands still where it was put: nothing that matters may look at it. */
const everythingElse = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;

describe('the life of a token', () => {
  const test = useReplicas();
  afterEach(() => {
    jest.useRealTimers();
  });

  /** By how many milliseconds we think that the token ends before it really does. */
  async function endsEarlyByMs(): Promise<number> {
    const answer = await test.read(0);
    if (answer.kind !== 'token') throw new Error(`Expected a token, got ${answer.kind}.`);
    const judged = await test.sandbox().judge(answer.token.accessToken);
    expect(judged.accepted).toBe(true);
    expect(answer.token.expiresAt).toBe((await test.stored()).accessTokenExpiresAt?.toISOString());
    return Date.parse(judged.expires_at) - Date.parse(answer.token.expiresAt ?? '');
  }

  it('counts from when the request was sent, not from when the answer came', async () => {
    using watch = new Stopwatch();
    await test.sandbox().rule({ respond_delay_ms: 1_500 });
    await test.renewer().renew(test.target());
    const earlyMs = await endsEarlyByMs();
    expect(earlyMs).toBeGreaterThanOrEqual(0);
    expect(earlyMs).toBeLessThan(700 + watch.pausedMs());
  });

  it('counts from when it was sent even where the provider took its time to begin', async () => {
    using watch = new Stopwatch();
    await test.sandbox().rule({ delay_ms: 1_500 });
    await test.renewer().renew(test.target());
    const earlyMs = await endsEarlyByMs();
    expect(earlyMs).toBeGreaterThanOrEqual(1_500);
    expect(earlyMs).toBeLessThan(2_200 + watch.pausedMs());
  });

  it.each([-600_000, 600_000])(
    'does not depend on the clock of the process, here %d ms off',
    async (skewMs) => {
      using watch = new Stopwatch();
      const realMs = performance.timeOrigin + performance.now();
      jest.useFakeTimers({ now: realMs + skewMs, doNotFake: [...everythingElse] });
      expect(Math.abs(Date.now() - realMs - skewMs)).toBeLessThan(1_000);
      expect(await test.renewer().renew(test.target())).toEqual({ kind: 'renewed' });
      const { lastRenewedAt, nextRenewalAt } = await test.stored();
      const earlyMs = await endsEarlyByMs();
      expect(earlyMs).toBeGreaterThanOrEqual(0);
      expect(earlyMs).toBeLessThan(1_000 + watch.pausedMs());
      expect(Math.abs((lastRenewedAt?.getTime() ?? 0) - realMs)).toBeLessThan(5_000);
      expect((nextRenewalAt?.getTime() ?? 0) - realMs).toBeGreaterThan(190_000);
      expect((nextRenewalAt?.getTime() ?? 0) - realMs).toBeLessThan(215_000);

      // A failure is timed by the database too.
      await test.sandbox().rule({ status: 429, body: '{}', headers: { 'retry-after': '30' } });
      await test.renewer().renew(test.target(2));
      const { lastError } = await test.stored();
      expect(Math.abs(Date.parse(lastError?.at ?? '') - realMs)).toBeLessThan(5_000);
      expect((await test.read(0)).kind).toBe('token');
    },
  );

  it('takes the provider at its word for seconds only: strings, fractions and nonsense are tamed', async () => {
    const lifetimeAfter = async (rule: object, generation: number) => {
      await test.sandbox().rule(rule);
      await test.renewer().renew(test.target(generation));
      const { accessTokenExpiresAt, lastRenewedAt } = await test.stored();
      return Math.round(((accessTokenExpiresAt?.getTime() ?? 0) - (lastRenewedAt?.getTime() ?? 0)) / 1_000);
    };
    expect(await lifetimeAfter({ expires_in: '7200' }, 1)).toBe(7_200);
    expect(await lifetimeAfter({ expires_in: 99.9 }, 2)).toBe(99);
    expect(await lifetimeAfter({ expires_in: 9.2e18 }, 3)).toBe(31_536_000);
    expect(await lifetimeAfter({ expires_in: null }, 4)).toBe(300);
    // No lifetime at all: the documented one counts.
    expect(await lifetimeAfter({ expires_in: -5 }, 5)).toBe(300);
    // Even so it is not asked for again in a loop.
    expect(await test.renewer().renewDue(10)).toBe(0);
  });
});
