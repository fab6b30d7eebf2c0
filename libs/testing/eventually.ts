import { setTimeout as sleep } from 'node:timers/promises';

/** Repeats a check until it no longer throws; rejects with what it threw last once the time is over. */
export async function eventually<T>(check: () => T | Promise<T>, withinMs = 5_000): Promise<T> {
  const endsAtMs = performance.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > endsAtMs) throw error;
      await sleep(20);
    }
  }
}
