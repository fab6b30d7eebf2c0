import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { eventually, Stopwatch, useReplicas } from '#testing';
import { ChangeFeed } from '#vault';
import { TokenReader } from './token-reader.js';

describe('while the database cannot be reached', () => {
  const test = useReplicas({ GRANTKEEPER_OUTAGE_READ_SECONDS: '3' });

  it('tokens are served from memory for GRANTKEEPER_OUTAGE_READ_SECONDS and no longer, and again after it is back', async () => {
    const none = await test.start({ GRANTKEEPER_OUTAGE_READ_SECONDS: '0' });
    const readNone = () => none.get(TokenReader).read(test.tenant().id, 'main', 60);
    await Promise.all([test.read(), readNone()]);
    using watch = new Stopwatch();
    await sleep(1_200);

    const resume = await test.database().interrupt();
    const interruptedAtMs = performance.now();
    const sinceMs = () => performance.now() - interruptedAtMs;
    try {
      // A token that nobody has read is not in memory.
      await expect(test.reader().read(test.tenant().id, 'never-read', 60)).rejects.toThrow();
      let lastServedMs = 0;
      let refusedMs: number | undefined;
      let noneRefusedMs: number | undefined;
      // Longer where a pause has left no moment to be refused in.
      while (sinceMs() < 4_200 || (refusedMs === undefined && sinceMs() < 10_000)) {
        const askedMs = sinceMs();
        await test.read().then(
          (answer) => {
            expect(answer).toMatchObject({ kind: 'token', token: { generation: 1 } });
            lastServedMs = askedMs;
          },
          () => {
            refusedMs ??= sinceMs();
          },
        );
        await readNone().catch(() => {
          noneRefusedMs ??= sinceMs();
        });
        await sleep(50);
      }
      // The last word from the database was up to a heartbeat before the interruption.
      expect(lastServedMs).toBeGreaterThan(1_500 - watch.pausedMs());
      expect(lastServedMs).toBeLessThan(3_200);
      expect(refusedMs).toBeGreaterThan(1_500 - watch.pausedMs());
      // Not at all: as soon as the silence is noticed.
      expect(noneRefusedMs).toBeLessThan(2_300 + watch.pausedMs());
    } finally {
      await resume();
    }
    using back = new Stopwatch();
    await eventually(async () => expect((await test.read()).kind).toBe('token'), 3_000);
    await eventually(async () => {
      expect((await readNone()).kind).toBe('token');
      // Read before the changes were heard again, it is asked for once more.
      expect((await test.read()).kind).toBe('token');
      expect(test.reader().readCached(test.tenant().id, 'main', 60)).toBeDefined();
    }, 3_000);
    expect(back.elapsedMs()).toBeLessThan(3_000);
    await none.close();
  });

  it('serves them through a second outage that comes before anybody has read again', async () => {
    const patient = await test.start({ GRANTKEEPER_OUTAGE_READ_SECONDS: '30' });
    const read = () => patient.get(TokenReader).read(test.tenant().id, 'main', 60);
    const feed = patient.get(ChangeFeed);
    expect((await read()).kind).toBe('token');
    const resume = await test.database().interrupt();
    await eventually(() => expect(feed.hearing).toBe(false), 5_000);
    await resume();
    await eventually(() => expect(feed.hearing).toBe(true), 5_000);
    // A change may have been missed: the token is asked for again, not trusted.
    expect(patient.get(TokenReader).readCached(test.tenant().id, 'main', 60)).toBeUndefined();
    const again = await test.database().interrupt();
    try {
      expect((await read()).kind).toBe('token');
    } finally {
      await again();
    }
    await patient.close();
  });
});
