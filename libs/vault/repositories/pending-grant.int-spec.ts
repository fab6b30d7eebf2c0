import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#testing';
import { openVault, type Populated, populate, type TestVault } from '../spec-support/vault.js';

describe('a one-time credential that comes while the one before is at its end', () => {
  let database: TestDatabase;
  let vault: TestVault;
  let existing: Populated;

  beforeAll(async () => {
    database = await createTestDatabase();
    vault = await openVault(database.url);
    existing = await populate(vault);
  });
  afterAll(async () => {
    await vault.close();
    await database.drop();
  });

  it('waits for that end, and neither of them is ended by a deadlock', async () => {
    const { tenantId, connectionId } = existing;
    let put: Promise<void> | undefined;
    // What every end of an exchange does: the connection first, then what it has spent.
    await vault.database.inTenant(tenantId, async (manager) => {
      await manager.query('select from gk.connections where id = $1 for update', [connectionId]);
      put = vault.pendingGrants.put(tenantId, connectionId, {
        contents: { grant: { type: 'refresh_token', refreshToken: 'the new one' } },
        intervalSeconds: null,
        expiresInSeconds: 60,
        dueInSeconds: null,
      });
      put.catch(() => undefined);
      await sleep(300);
      await manager.query('delete from gk.pending_grants where connection_id = $1', [connectionId]);
    });
    await put;
    const loaded = await vault.renewals.load({ tenantId, connectionId, generation: 1 });
    expect(loaded?.pending?.grant).toMatchObject({ refreshToken: 'the new one' });
  });
});
