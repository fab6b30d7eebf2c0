import { stat } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { loadSettings } from '#config';
import { eventually } from '#testing';
import { RequestSlots } from './request-slots.js';

const plenty = 10_000;

function slotsOf(renewals: number): RequestSlots {
  const settings = loadSettings({ DATABASE_URL: 'postgres://localhost/unused' });
  return new RequestSlots({ ...settings, renewalLimits: { ...settings.renewalLimits, renewals } });
}

/** Work that ends when it is told to. */
function held() {
  const ends: (() => void)[] = [];
  return { ends, work: () => new Promise<void>((resolve) => ends.push(resolve)) };
}

describe('RequestSlots', () => {
  it('runs so much at once, and the rest in the order of asking', async () => {
    const slots = slotsOf(2);
    const started: number[] = [];
    const { ends, work } = held();
    const all = [0, 1, 2, 3].map((n) =>
      slots.during(async () => {
        started.push(n);
        await work();
      }, plenty),
    );
    await eventually(() => expect(started).toEqual([0, 1]));
    ends[1]?.();
    await eventually(() => expect(started).toEqual([0, 1, 2]));
    for (const end of ends) end();
    await eventually(() => expect(started).toEqual([0, 1, 2, 3]));
    ends.at(-1)?.();
    await Promise.all(all);
  });

  it('gives a slot back when the work fails', async () => {
    const slots = slotsOf(1);
    await expect(slots.during(() => Promise.reject(new Error('failed')), plenty)).rejects.toThrow('failed');
    expect(await slots.during(() => Promise.resolve('done'), plenty)).toBe('done');
  });

  it('lets go of what has waited as long as it can, and never runs it', async () => {
    const slots = slotsOf(1);
    const { ends, work } = held();
    const first = slots.during(work, plenty);
    let ran = false;
    const late = slots.during(async () => {
      ran = true;
    }, 20);
    expect(await late).toBeUndefined();
    ends[0]?.();
    await first;
    expect(await slots.during(() => Promise.resolve('next'), plenty)).toBe('next');
    expect(ran).toBe(false);
  });

  it('does not let wait what comes too late', async () => {
    const slots = slotsOf(1);
    let answer: unknown = 'none';
    void slots
      .during(() => Promise.resolve('run'), -1)
      .then((result) => {
        answer = result;
      });
    // No timer ends, and no turn is given, before this does.
    for (let n = 0; n < 10; n += 1) await Promise.resolve();
    expect(answer).toBeUndefined();
  });

  it('gives no turn that comes too late, where the process stood still', async () => {
    const slots = slotsOf(1);
    // Behind a read of the disk the event loop gives turns first, and looks at its timers later.
    await stat('.');
    const late = slots.during(() => Promise.resolve('run'), 20);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    expect(await late).toBeUndefined();
    expect(await slots.during(() => Promise.resolve('next'), plenty)).toBe('next');
  });

  it('lets what is under way end when the process ends, and begins nothing more', async () => {
    const slots = slotsOf(1);
    const { ends, work } = held();
    const first = slots.during(() => work().then(() => 'ended'));
    await eventually(() => expect(ends).toHaveLength(1));
    const second = slots.during(() => Promise.resolve('begun'));
    slots.onModuleDestroy();
    expect(await second).toBeUndefined();
    expect(await slots.during(() => Promise.resolve('begun'))).toBeUndefined();
    ends[0]?.();
    expect(await first).toBe('ended');
  });

  it('starts what comes in one burst over several turns of the event loop', async () => {
    const slots = slotsOf(64);
    const { ends, work } = held();
    const all = Array.from({ length: 64 }, () => slots.during(work, plenty));
    const startedInTurns: number[] = [];
    for (let turns = 0; turns < 100 && ends.length < 64; turns += 1) {
      await nextTurn();
      startedInTurns.push(ends.length - startedInTurns.reduce((sum, n) => sum + n, 0));
    }
    expect(ends).toHaveLength(64);
    expect(Math.max(...startedInTurns)).toBeLessThanOrEqual(16);
    for (const end of ends) end();
    await Promise.all(all);
  });
});
