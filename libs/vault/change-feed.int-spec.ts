import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { loadSettings } from '#config';
import { systemClock } from '#provider-kit';
import { createTestDatabase, eventually, type TestDatabase } from '#testing';
import { ChangeFeed } from './change-feed.js';
import { dataSourceOptions } from './data-source-options.js';
import { isDatabaseOutage } from './database-outage.js';
import { PoolSessions } from './pool-sessions.js';
import { Wire } from './spec-support/wire.js';

describe('hearing what must be forgotten', () => {
  let database: TestDatabase;
  let wire: Wire;
  let feed: ChangeFeed;
  let pool: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  beforeEach(async () => {
    wire = await Wire.to(database.url);
    const sessions = new PoolSessions();
    pool = await new DataSource(dataSourceOptions(wire.url, 2, sessions)).initialize();
    const settings = loadSettings({ DATABASE_URL: wire.url, GRANTKEEPER_KEKS: kek });
    feed = new ChangeFeed(settings, systemClock, sessions);
    await feed.onApplicationBootstrap();
  });
  afterEach(async () => {
    await feed.onApplicationShutdown();
    await wire.close();
    await pool.destroy();
  });
  afterAll(() => database.drop());

  it('takes one session, also after a database that was slow to come back', async () => {
    const sessions = async () => {
      const [row] = await database.query<{ n: number }>(
        `select count(*)::int as n from pg_stat_activity
         where application_name = 'grantkeeper changes' and datname = current_database()`,
      );
      return row?.n;
    };
    expect(await sessions()).toBe(1);
    wire.delayMs = 1_500;
    wire.cut();
    await sleep(2_000);
    await eventually(() => expect(feed.hearing).toBe(true));
    await sleep(1_600);
    expect(await sessions()).toBe(1);
  });

  it('ends statements to a server that has gone away without a word, once there is one again', async () => {
    const ask = () => pool.query<unknown[]>('select 1 as one');
    await Promise.all([ask(), ask()]);
    wire.fallSilent();
    const asked = await Promise.race([
      Promise.all([ask(), ask()].map((asking) => asking.catch((error: unknown) => error))),
      sleep(20_000, undefined, { ref: false }),
    ]);
    expect(asked).toEqual([expect.any(Error), expect.any(Error)]);
    expect((asked as Error[]).map(isDatabaseOutage)).toEqual([true, true]);
    expect(await ask()).toEqual([{ one: 1 }]);
  }, 30_000);
});

const kek = `spec:${Buffer.alloc(32, 7).toString('base64')}`;
