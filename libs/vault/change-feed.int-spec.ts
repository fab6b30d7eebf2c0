import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { loadSettings } from '#config';
import { log, metricsText } from '#observability';
import { systemClock } from '#provider-kit';
import { createTestDatabase, eventually, type TestDatabase } from '#testing';
import { ChangeFeed } from './change-feed.js';
import { Wire } from './spec-support/wire.js';
import { standingReasons } from './standing-reasons.js';

describe('hearing what must be forgotten', () => {
  let database: TestDatabase;
  let wire: Wire;
  let feed: ChangeFeed;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  beforeEach(async () => {
    wire = await Wire.to(database.url);
    const settings = loadSettings({ DATABASE_URL: wire.url, GRANTKEEPER_KEKS: kek });
    feed = new ChangeFeed(settings, systemClock);
    await feed.onApplicationBootstrap();
  });
  afterEach(async () => {
    await feed.onApplicationShutdown();
    await wire.close();
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

  it('does not count as hearing behind a transaction pooler, says so, and hears once it can', async () => {
    wire.isDeaf = true;
    const settings = loadSettings({ DATABASE_URL: wire.url, GRANTKEEPER_KEKS: kek });
    const deaf = new ChangeFeed(settings, systemClock);
    const warn = jest.spyOn(log, 'warn');
    await deaf.onApplicationBootstrap();
    try {
      expect(deaf.hearing).toBe(false);
      expect(standingReasons({ unreachable: () => ['k1'] }, deaf)).toEqual([
        'key_service_unavailable: k1',
        'changes_not_heard',
      ]);
      expect(await metricsText()).toMatch(/^grantkeeper_changes_heard 0$/m);
      expect(warn.mock.calls.flat().join()).toContain('DATABASE_DIRECT_URL');
      wire.isDeaf = false;
      await eventually(() => expect(deaf.hearing).toBe(true), 5_000);
      expect(standingReasons({ unreachable: () => [] }, deaf)).toEqual([]);
      expect(await metricsText()).toMatch(/^grantkeeper_changes_heard 1$/m);
      expect(warn).toHaveBeenCalledTimes(1);
    } finally {
      await deaf.onApplicationShutdown();
    }
  });
});

const kek = `spec:${Buffer.alloc(32, 7).toString('base64')}`;
