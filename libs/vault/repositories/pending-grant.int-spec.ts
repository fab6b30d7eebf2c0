import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#testing';
import {
  claimNow,
  lease,
  openVault,
  type Populated,
  populate,
  type TestVault,
  tokens,
} from '../spec-support/vault.js';

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
    // Every end of an attempt does this: the connection first, then the grant that was sent.
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

  describe('while a late renewal of the old grant is written', () => {
    /** Two replicas: one is late with a renewal, the other has claimed what came since, and loaded it. */
    async function lateAndNew() {
      const { tenantId, connectionId } = await populate(vault);
      const target = { tenantId, connectionId, generation: 1 };
      await database.query(
        'update gk.connections set lease_expires_at = null, journal_wait_until = null, rotating = false where id = $1',
        [connectionId],
      );
      await database.query('delete from gk.intents where connection_id = $1', [connectionId]);
      await database.query('delete from gk.pending_grants where connection_id = $1', [connectionId]);
      const late = await claimAndLoad(target, 0.01);
      await sleep(50);
      await vault.pendingGrants.put(tenantId, connectionId, {
        contents: { grant: { type: 'refresh_token', refreshToken: 'the new one' } },
        intervalSeconds: null,
        expiresInSeconds: 60,
        dueInSeconds: 20,
      });
      const fresh = await claimAndLoad(target, 15);
      const before = await row(connectionId);
      const written = tokens('late', { rotating: false });
      expect(await vault.renewals.commit(late.claim, late.loaded, written)).toBe(true);
      expect(await row(connectionId)).toEqual({ ...before, generation: 2 });
      return { target: { ...target, generation: 2 }, ...fresh };
    }

    async function claimAndLoad(target: Parameters<typeof claimNow>[1], seconds: number) {
      const claim = await claimNow(vault, target, seconds);
      const loaded = await vault.renewals.load(claim);
      if (!loaded) throw new Error('It was claimed just now.');
      return { claim, loaded };
    }

    const row = async (connectionId: string) => {
      const [found] = await database.query<Record<string, unknown>>(
        `select generation, status, lease_owner, lease_expires_at, next_renewal_at, retry_not_before, rotating,
           (select count(*)::int from gk.pending_grants g where g.connection_id = c.id) as pending
         from gk.connections c where id = $1`,
        [connectionId],
      );
      return found;
    };

    it('keeps its lease, and becomes the generation after that', async () => {
      const { target, claim, loaded } = await lateAndNew();
      expect(await vault.renewals.claim(target, lease())).toMatchObject({ refusal: 'leased' });
      expect(await vault.renewals.commit(claim, loaded, tokens('new'))).toBe(true);
      expect(await row(target.connectionId)).toMatchObject({ generation: 3, lease_owner: null, pending: 0 });
      const reading = await vault.tokens.read(target.tenantId, 'main');
      expect(reading).toMatchObject({ generation: 3, token: { accessToken: 'new' } });
      const intents = 'select from gk.intents where connection_id = $1';
      expect(await database.query(intents, [target.connectionId])).toEqual([]);
    });

    it('is over when it fails for good, and what was renewed falls due again', async () => {
      const { target, claim, loaded } = await lateAndNew();
      const failed = {
        status: 'reauthorization_required',
        error: { code: 'invalid_grant', at: '', attempts: 1, next_attempt_at: null, remedy: '' },
        nextRenewalAt: null,
        retryNotBefore: null,
        terminal: true,
        refused: false,
        spentHash: loaded.spentHash,
      } as const;
      expect(await vault.renewals.fail(claim, failed)).toBe(true);
      expect(await row(target.connectionId)).toMatchObject({
        generation: 2,
        status: 'active',
        lease_owner: null,
        pending: 0,
      });
      expect(await vault.renewals.claim(target, lease())).toHaveProperty('intentId');
    });

    it('can be asked for again at once when nothing was sent', async () => {
      const { target, claim } = await lateAndNew();
      await vault.renewals.reschedule(claim, new Date(Date.now() - 1_000), null);
      expect(await row(target.connectionId)).toMatchObject({ generation: 2, lease_owner: null, pending: 1 });
      expect(await vault.renewals.claim(target, lease())).toHaveProperty('intentId');
    });
  });
});
