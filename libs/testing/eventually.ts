import { setTimeout as sleep } from 'node:timers/promises';
import { Stopwatch } from './stopwatch.js';

const shortestPauseMs = 20;
const longestPauseMs = 200;

/**
 * Repeats a check until it no longer throws, the longer it takes the less often: a check may ask processes that are
 * busy with what is awaited. Rejects with what it threw last once the time is over.
 */
export async function eventually<T>(check: () => T | Promise<T>, withinMs = 5_000): Promise<T> {
  using watch = new Stopwatch();
  for (;;) {
    try {
      return await check();
    } catch (error) {
      const elapsedMs = watch.elapsedMs();
      if (elapsedMs > withinMs) throw error;
      await sleep(Math.min(shortestPauseMs + elapsedMs / 10, longestPauseMs));
    }
  }
}
