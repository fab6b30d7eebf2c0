import { stat } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { Pool } from 'pg';
import { despiteOwnDelay } from './own-delay.js';
import { within } from './within.js';

const deadlineMs = 50;

function keepBusy(forMs: number): void {
  const end = performance.now() + forMs;
  while (performance.now() < end);
}

describe('a process that is too busy to look for an answer in time', () => {
  const ask = (pool: Pool, busyMs: number) => async () => {
    const answer = pool.query<{ one: number }>('select 1 as one');
    keepBusy(busyMs);
    return (await answer).rows;
  };
  const newPool = () =>
    new Pool({
      connectionString: process.env['GRANTKEEPER_TEST_DATABASE_URL'],
      connectionTimeoutMillis: deadlineMs,
    });

  it('asks the database once more', async () => {
    const pool = newPool();
    let busyMs = 10 * deadlineMs;
    const rows = despiteOwnDelay(() => {
      const asked = ask(pool, busyMs)();
      // The second time there is nothing else to do.
      busyMs = 0;
      pool.options.connectionTimeoutMillis = 5_000;
      return asked;
    });
    expect(await rows).toEqual([{ one: 1 }]);
    await pool.end();
  });

  it('does not believe that an answer is late which lies there', async () => {
    const answer = within(deadlineMs, stat(import.meta.dirname));
    keepBusy(10 * deadlineMs);
    expect((await answer).isDirectory()).toBe(true);
  });

  it('asks no second time where it has waited for nothing else', async () => {
    let asked = 0;
    const failing = despiteOwnDelay(async () => {
      asked += 1;
      // So long that a pause the machine makes is a small share of it.
      await new Promise((resolve) => setTimeout(resolve, 20 * deadlineMs));
      throw new Error('Connection terminated due to connection timeout');
    });
    await expect(failing).rejects.toThrow('connection timeout');
    expect(asked).toBe(1);
  });
});
