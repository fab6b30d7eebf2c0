import { performance } from 'node:perf_hooks';
import { isNeverConnected } from './database-outage.js';

/** From this share of its time on, this process had not looked for the answer of the server in time. */
const busy = 0.9;

/**
 * Asks once more where no connection was made in time because this process was too busy to take it: thousands of
 * sockets may arrive at once, and a deadline that passed meanwhile says nothing about the database.
 */
export async function despiteOwnDelay<T>(ask: () => Promise<T>): Promise<T> {
  const before = performance.eventLoopUtilization();
  try {
    return await ask();
  } catch (error) {
    if (!isNeverConnected(error)) throw error;
    if (performance.eventLoopUtilization(before).utilization < busy) throw error;
    return ask();
  }
}
