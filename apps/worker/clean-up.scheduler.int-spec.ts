import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SchedulerRegistry } from '@nestjs/schedule';
import { metricsText } from '#observability';
import { type Core, createCore, createTestDatabase, eventually, type TestDatabase } from '#testing';
import {
  AuditChains,
  AuditRepository,
  HousekeepingRepository,
  TenantRemovalRepository,
  TenantRepository,
} from '#vault';
import { AuditChainScheduler } from './audit-chain.scheduler.js';
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

  it('is followed by a check of each audit chain, which names the one that was changed', async () => {
    const chains = new AuditChainScheduler(core.get(AuditChains), new SchedulerRegistry());
    const round = async () => {
      const rests = [await chains.checkNext()];
      while ((rests.at(-1) ?? 0) < 3_600_000) rests.push(await chains.checkNext());
      return /^grantkeeper_audit_chains_broken (\d+)$/m.exec(await metricsText())?.[1];
    };
    const event = { actor: 'key', action: 'act', target: null, outcome: '200', data: {} };
    for (const tenantId of [null, randomUUID(), randomUUID()])
      await core.get(AuditRepository).appendAll(tenantId, [event, event]);
    expect(await round()).toBe('0');
    const write = (actor: string) =>
      database.query('update gk.audit_events set actor = $1 where tenant_id is null', [actor]);
    await write('somebody else');
    expect(await round()).toBe('1');
    await write('key');
    expect(await round()).toBe('0');
    await chains.onModuleDestroy();
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
