import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Stopwatch } from './stopwatch.js';

function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe('a stopwatch', () => {
  it('counts the time that is waited', async () => {
    using watch = new Stopwatch();
    await sleep(300);
    expect(watch.elapsedMs() + watch.pausedMs()).toBeGreaterThan(290);
    await sleep(300);
    expect(watch.elapsedMs() + watch.pausedMs()).toBeGreaterThan(590);
  });

  it('leaves out the time in which the process stood still', async () => {
    using watch = new Stopwatch();
    standStill(500);
    expect(watch.pausedMs()).toBeGreaterThan(490);
    expect(watch.elapsedMs()).toBeLessThan(100);
    await sleep(50);
    standStill(500);
    expect(watch.pausedMs()).toBeGreaterThan(980);
    expect(watch.elapsedMs()).toBeLessThan(300);
  });
});
