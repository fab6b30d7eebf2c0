import { setTimeout as sleep } from 'node:timers/promises';
import { Stopwatch } from './stopwatch.js';

/** Repeats a check until it no longer throws; rejects with what it threw last once the time is over. */
export async function eventually<T>(check: () => T | Promise<T>, withinMs = 5_000): Promise<T> {
  using watch = new Stopwatch();
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (watch.elapsedMs() > withinMs) throw error;
      await sleep(20);
    }
  }
}
