import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#testing';
import {
  addConnection,
  addCredential,
  addWebhook,
  openVault,
  populate,
  type TestVault,
} from '../spec-support/vault.js';

const day = 86_400;

describe('housekeeping', () => {
  let database: TestDatabase;
  let vault: TestVault;
  let tenant: { tenantId: string; slug: string; credentialId: string };

  beforeAll(async () => {
    database = await createTestDatabase();
    vault = await openVault(database.url);
  });
  beforeEach(async () => {
    await database.setClockOffset(0);
    await database.query('delete from gk.connections');
    tenant = await addCredential(vault);
  });
  afterAll(async () => {
    await vault.close();
    await database.drop();
  });

  describe('says that a grant is about to end', () => {
    async function endingIn(days: number, status = 'active'): Promise<string> {
      const { id } = await addConnection(vault, tenant, `ends-in-${days}`);
      await database.query('update gk.connections set status = $2, generation = 1 where id = $1', [
        id,
        status,
      ]);
      await setEnd(id, days * day);
      return id;
    }

    const setEnd = (id: string, seconds: number) =>
      database.query(
        'update gk.connections set grant_ends_at = gk.now() + make_interval(secs => $2) where id = $1',
        [id, seconds],
      );

    /** Days named by the notices there are. */
    async function notices(id: string): Promise<number[]> {
      const { items } = await vault.connections.events(tenant.tenantId, id, { limit: 50 });
      return items
        .filter(({ type }) => type === 'connection.expiring')
        .map(({ data }) => data['days'] as number);
    }

    async function letPass(days: number): Promise<void> {
      await database.setClockOffset(days * day);
      await vault.housekeeping.noteExpiring(100);
    }

    it('14, 7 and 1 days ahead, once each, by however many workers', async () => {
      const id = await endingIn(20);
      const found: [number, number[]][] = [];
      for (const days of [0, 5.9, 6.1, 6.2, 12.9, 13.1, 18.9, 19.1, 19.9]) {
        await database.setClockOffset(days * day);
        await Promise.all(Array.from({ length: 5 }, () => vault.housekeeping.noteExpiring(100)));
        found.push([days, await notices(id)]);
      }
      expect(found).toEqual([
        [0, []],
        [5.9, []],
        [6.1, [14]],
        [6.2, [14]],
        [12.9, [14]],
        [13.1, [14, 7]],
        [18.9, [14, 7]],
        [19.1, [14, 7, 1]],
        [19.9, [14, 7, 1]],
      ]);
    });

    it('once, the nearest, when several were passed at once', async () => {
      const [id, ended] = [await endingIn(20), await endingIn(15)];
      await letPass(19.5);
      expect(await notices(id)).toEqual([1]);
      expect(await notices(ended)).toEqual([]);
    });

    it('only as far ahead as it was long', async () => {
      const [short, longer] = [await endingIn(0.3), await endingIn(10)];
      await letPass(0.1);
      expect([await notices(short), await notices(longer)]).toEqual([[], []]);
      await letPass(3.1);
      expect(await notices(longer)).toEqual([7]);
    });

    it('anew after another authorisation, and not for a few minutes more or less', async () => {
      const id = await endingIn(20);
      await letPass(6.1);
      await setEnd(id, 13.92 * day);
      await letPass(6.2);
      expect(await notices(id)).toEqual([14]);
      await setEnd(id, 20 * day);
      await letPass(12.3);
      expect(await notices(id)).toEqual([14, 14]);
      await database.query('update gk.connections set grant_ends_at = null where id = $1', [id]);
      await letPass(26);
      expect(await notices(id)).toEqual([14, 14]);
    });

    it('not where it has ended already', async () => {
      const id = await endingIn(20, 'reauthorization_required');
      await letPass(19.5);
      expect(await notices(id)).toEqual([]);
    });

    it('to webhooks too, with the time of the end', async () => {
      await addWebhook(vault, tenant.tenantId);
      const id = await endingIn(20);
      await letPass(19.5);
      const [delivery] = await database.query<{ payload: { data: Record<string, unknown> } }>(
        'select payload from gk.deliveries where connection_id = $1',
        [id],
      );
      const [row] = await database.query<{ at: Date }>(
        'select grant_ends_at as at from gk.connections where id = $1',
        [id],
      );
      expect(delivery?.payload).toMatchObject({
        type: 'connection.expiring',
        data: {
          status: 'active',
          expires_at: row?.at.toISOString(),
          remedy: expect.stringContaining('Authorise'),
        },
      });
    });
  });

  it('removes what has had its time, and nothing else, in batches', async () => {
    const { tenantId, slug } = await populate(vault);
    await vault.idempotency.begin({
      tenantId: null,
      caller: 'platform',
      route: 'x',
      key: 'k',
      requestHash: randomBytes(32),
    });
    for (const status of ['delivered', 'dead', 'pending']) {
      await database.query(
        `insert into gk.deliveries (tenant_id, webhook_id, connection_id, connection, type, payload, status, next_attempt_at, ended_at, give_up_at, created_at)
         select $1, id, gen_random_uuid(), $2, 'connection.active', '{}', $2, gk.now(), case when $2 <> 'pending' then gk.now() end, gk.now(), gk.now()
         from gk.webhooks, generate_series(1, 5) where tenant_id = $1`,
        [tenantId, status],
      );
    }
    const left = async (days: number) => {
      await database.setClockOffset(days * day);
      while ((await vault.housekeeping.cleanUp(2)) === 2);
      const [row] = await database.query(
        `select (select count(*)::int from gk.deliveries where connection = 'delivered') as delivered,
           (select count(*)::int from gk.deliveries where connection = 'dead') as dead,
           (select count(*)::int from gk.deliveries where connection = 'pending') as pending,
           (select count(*)::int from gk.authorization_sessions where tenant_id = $1) as sessions,
           (select count(*)::int from gk.idempotency_keys where caller in ($2, 'platform')) as keys`,
        [tenantId, slug],
      );
      return row;
    };
    expect(await left(0.9)).toEqual({ delivered: 5, dead: 5, pending: 5, sessions: 1, keys: 2 });
    expect(await left(1.1)).toEqual({ delivered: 5, dead: 5, pending: 5, sessions: 0, keys: 0 });
    expect(await left(7.1)).toEqual({ delivered: 0, dead: 5, pending: 5, sessions: 0, keys: 0 });
    expect(await left(30.1)).toEqual({ delivered: 0, dead: 0, pending: 5, sessions: 0, keys: 0 });
  });

  it('removes events after 90 days, and nothing that was made of them', async () => {
    await addWebhook(vault, tenant.tenantId);
    const { id } = await addConnection(vault, tenant);
    const happen = (times: number) =>
      database.query(
        `insert into gk.connection_events (tenant_id, connection_id, type, data, created_at)
         select $1, $2, 'connection.degraded', '{}', gk.now() from generate_series(1, $3)`,
        [tenant.tenantId, id, times],
      );
    const left = async () => {
      const [row] = await database.query(
        `select (select count(*)::int from gk.connection_events where connection_id = $1) as events,
           (select count(*)::int from gk.deliveries where connection_id = $1 and status = 'pending') as deliveries`,
        [id],
      );
      return row;
    };
    await happen(5);
    await database.setClockOffset(89.9 * day);
    await happen(1);
    await vault.housekeeping.cleanUp(100);
    expect(await left()).toEqual({ events: 6, deliveries: 6 });
    await database.setClockOffset(90.1 * day);
    const removed: number[] = [];
    for (let n = 0; n < 4; n += 1) removed.push(await vault.housekeeping.cleanUp(2));
    expect(removed).toEqual([2, 2, 1, 0]);
    expect(await left()).toEqual({ events: 1, deliveries: 6 });
  });
});
