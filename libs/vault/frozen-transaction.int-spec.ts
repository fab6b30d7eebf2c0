import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, Stopwatch, type TestDatabase } from '#testing';
import { isDatabaseOutage } from './database-outage.js';
import { addCredential, openVault, type TestVault } from './spec-support/vault.js';

describe('a replica that stands still in the middle of a transaction', () => {
  let database: TestDatabase;
  let frozen: TestVault;
  let other: TestVault;
  beforeAll(async () => {
    database = await createTestDatabase();
    [frozen, other] = [await openVault(database.url), await openVault(database.url)];
  });
  afterAll(async () => {
    await Promise.all([frozen.close(), other.close()]);
    await database.drop();
  });

  it('keeps nobody else waiting for long, and is told so', async () => {
    const { tenantId } = await addCredential(frozen);
    const lock = 'select 1 from gk.tenants where id = $1 for update';
    const standing = frozen.database
      .inTenant(tenantId, async (manager) => {
        await manager.query(lock, [tenantId]);
        await sleep(7_000);
        await manager.query('select 1');
      })
      .catch((error: unknown) => error);
    await sleep(500);
    using watch = new Stopwatch();
    await other.database.inTenant(tenantId, (manager) => manager.query(lock, [tenantId]));
    expect(watch.elapsedMs()).toBeLessThan(6_000);
    expect(isDatabaseOutage(await standing)).toBe(true);
  });
});
