import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ServiceUnavailableException } from '@nestjs/common';
import { type Core, createCore, createTestDatabase, Stopwatch, type TestDatabase } from '#testing';
import { ChangeFeed, Database, KeyRepository } from '#vault';
import { PostgresValve } from '../../test/crash/postgres-valve.js';
import { HealthController } from './health.controller.js';

describe('/readyz of a worker', () => {
  let database: TestDatabase;
  let valve: PostgresValve;
  let core: Core;
  let health: HealthController;

  beforeAll(async () => {
    database = await createTestDatabase();
    valve = await PostgresValve.start(database.url);
    core = await createCore({ database: { url: valve.url }, sandbox: 'http://127.0.0.1:9' });
    health = new HealthController(core.get(Database), core.get(KeyRepository), core.get(ChangeFeed));
  });
  afterAll(async () => {
    valve.open();
    await core.close();
    await valve.close();
    await database.drop();
  });

  it('says within seconds that a database does not answer which has not gone away either', async () => {
    expect(await health.readyz()).toEqual({ status: 'ok' });
    const asked = valve.shut(['select 1\0'], 'before');
    using watch = new Stopwatch();
    const error = await health.readyz().catch((refusal: unknown) => refusal);
    expect(watch.elapsedMs()).toBeLessThan(5_000);
    await asked;
    expect(error).toBeInstanceOf(ServiceUnavailableException);
  });
});
