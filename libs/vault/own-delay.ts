import { performance } from 'node:perf_hooks';

/** Of `pg-pool`, whose deadlines pass on a clock of this process: before a statement was sent on any connection. */
const neverConnected =
  /^(?:Connection terminated due to connection timeout|timeout exceeded when trying to connect)$/;

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
    if (!(error instanceof Error && neverConnected.test(error.message))) throw error;
    if (performance.eventLoopUtilization(before).utilization < busy) throw error;
    return ask();
  }
}
