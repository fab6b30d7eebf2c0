import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SchedulerRegistry } from '@nestjs/schedule';
import { type Core, createCore, createTestDatabase, eventually, type TestDatabase } from '#testing';
import { HousekeepingRepository, TenantRemovalRepository, TenantRepository } from '#vault';
import { CleanUpScheduler } from './clean-up.scheduler.js';
import { TenantRemovalScheduler } from './tenant-removal.scheduler.js';

describe('the clean-up', () => {
  let database: TestDatabase;
  let core: Core;
  let scheduler: CleanUpScheduler;

  beforeAll(async () => {
    database = await createTestDatabase();
    core = await createCore({ database, sandbox: 'http://127.0.0.1:9' });
  });
  beforeEach(() => {
    scheduler = new CleanUpScheduler(core.get(HousekeepingRepository), new SchedulerRegistry());
  });
  afterEach(() => scheduler.onModuleDestroy());
  afterAll(async () => {
    await core.close();
    await database.drop();
  });

  const keys = async () => {
    const [row] = await database.query<{ n: number }>('select count(*)::int as n from gk.idempotency_keys');
    return row?.n;
  };

  it('ends the removal of a tenant that another process has begun', async () => {
    await core.get(TenantRepository).create({ slug: 'large', name: 'Large' });
    await database.query('update gk.tenants set removed_at = gk.now()');
    const removal = new TenantRemovalScheduler(core.get(TenantRemovalRepository), new SchedulerRegistry());
    removal.onApplicationBootstrap();
    try {
      await eventually(
        async () => expect(await database.query('select 1 from gk.tenants')).toEqual([]),
        5_000,
      );
    } finally {
      await removal.onModuleDestroy();
    }
  });

  it('is done although what is about to end cannot be said', async () => {
    await database.query(
      `create or replace function gk.note_expiring(p_limit integer) returns integer language plpgsql
       as $$ begin raise exception 'a row that cannot be read'; end $$`,
    );
    // More than one batch: the turn after it follows at once all the same.
    await database.query(
      `insert into gk.idempotency_keys (id, caller, route, key, request_hash, created_at)
       select gen_random_uuid(), 'caller', 'route', n::text, '', gk.now() - interval '25 hours'
       from generate_series(1, 700) n`,
    );
    scheduler.onApplicationBootstrap();
    await eventually(async () => expect(await keys()).toBe(0), 5_000);
  });
});
