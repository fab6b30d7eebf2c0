import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#testing';
import { ends, outboxOf, type TestOutbox } from '../spec-support/outbox.js';
import { addCredential, addWebhook, openVault, type TestVault } from '../spec-support/vault.js';

describe('claiming deliveries', () => {
  let database: TestDatabase;
  let vault: TestVault;
  let other: TestVault;
  let tenant: { tenantId: string; slug: string; credentialId: string };
  let outbox: TestOutbox;

  beforeAll(async () => {
    database = await createTestDatabase();
    vault = await openVault(database.url);
    other = await openVault(database.url);
  });
  beforeEach(async () => {
    await database.setClockOffset(0);
    await database.query('delete from gk.webhooks');
    tenant = await addCredential(vault);
    outbox = outboxOf(database, vault, tenant);
  });
  afterAll(async () => {
    await Promise.all([vault.close(), other.close()]);
    await database.drop();
  });

  it('keeps the events of one connection in order, and those of others apart', async () => {
    await addWebhook(vault, tenant.tenantId);
    const [a, b] = [await outbox.connection('a'), await outbox.connection('b')];
    await outbox.happen(a, 'connection.degraded');
    await outbox.happen(a, 'connection.active');
    await outbox.happen(b, 'connection.degraded');
    const first = await outbox.claim();
    expect(await outbox.named(first)).toEqual(['a degraded', 'b degraded']);
    const [ofA, ofB] = first;
    if (!ofA || !ofB) throw new Error('Expected two claims.');
    await vault.deliveries.end(ofA, ends.failed);
    await vault.deliveries.end(ofB, ends.delivered);
    expect(await outbox.claim()).toEqual([]);
    await database.setClockOffset(61);
    const again = await outbox.claimOne();
    expect(again.deliveryId).toBe(ofA.deliveryId);
    await vault.deliveries.end(again, ends.dead);
    expect(await outbox.named(await outbox.claim())).toEqual(['a active']);
  });

  it('puts nothing aside for good, however ends and claims fall together', async () => {
    await addWebhook(vault, tenant.tenantId);
    const connections = await Promise.all(Array.from({ length: 4 }, (_, n) => outbox.connection(`c${n}`)));
    const types = ['connection.degraded', 'connection.active'];
    const perConnection = 25;
    const seen: string[] = [];
    const make = async () => {
      for (let n = 0; n < perConnection; n += 1) {
        for (const id of connections) await outbox.happen(id, types[n % 2]);
      }
    };
    const deliver = async (by: TestVault) => {
      const endsAtMs = performance.now() + 15_000;
      while (seen.length < connections.length * perConnection && performance.now() < endsAtMs) {
        const claims = await outbox.claim(16, by);
        await Promise.all(
          claims.map(async (claimed) => {
            seen.push(claimed.deliveryId);
            expect(await by.deliveries.end(claimed, ends.delivered)).toBe(true);
          }),
        );
      }
    };
    await Promise.all([make(), deliver(vault), deliver(vault), deliver(other), deliver(other)]);
    expect(seen.length).toBe(connections.length * perConnection);
    expect(new Set(seen).size).toBe(seen.length);
    const [row] = await database.query(
      `select count(*)::int as n from (select ended_at < lag(ended_at) over (partition by connection_id order by id) as early
         from gk.deliveries) d where early`,
    );
    expect(row).toEqual({ n: 0 });
  });

  it('puts nothing aside behind one that is just ending, and was written down too late for that end to see it', async () => {
    await addWebhook(vault, tenant.tenantId);
    const id = await outbox.connection('a');
    await outbox.happen(id);
    const first = await outbox.claimOne();
    let ending: Promise<unknown> = Promise.resolve();
    let commitEnd: () => void = () => undefined;
    await vault.database.inTenant(tenant.tenantId, async (manager) => {
      await manager.query(
        "insert into gk.connection_events (tenant_id, connection_id, type, data, created_at) values ($1, $2, 'connection.active', '{}', gk.now())",
        [tenant.tenantId, id],
      );
      await new Promise<void>((ended, failed) => {
        ending = other.database.inTenant(tenant.tenantId, async (inEnd) => {
          await inEnd.query('select gk.end_attempt($1, $2)', [
            tenant.tenantId,
            JSON.stringify({ delivery_id: first.deliveryId, owner: first.owner, status: 'delivered' }),
          ]);
          ended();
          await new Promise<void>((resolve) => {
            commitEnd = resolve;
          });
        });
        ending.catch(failed);
      });
    });
    expect(await outbox.claim()).toEqual([]);
    commitEnd();
    await ending;
    expect(await outbox.named(await outbox.claim())).toEqual(['a active']);
  });

  it('gives every webhook its turn, whatever piles up for one', async () => {
    const busy = await addWebhook(vault, tenant.tenantId);
    await outbox.pileUp(busy.id, 20_000);
    await database.query('analyze gk.deliveries');
    await addWebhook(vault, tenant.tenantId);
    await outbox.happen(await outbox.connection('quiet'));
    // Of the quiet connection both are told; the busy webhook takes no more than its places.
    const claims = await outbox.claim();
    const names = await outbox.named(claims);
    expect(names.filter((name) => name.startsWith('busy')).length).toBe(8);
    expect(names.filter((name) => name.startsWith('quiet')).length).toBe(1);
    expect(await outbox.claim()).toEqual([]);
    const [first] = claims;
    if (!first) throw new Error('Expected claims.');
    await vault.deliveries.end(first, ends.failed);
    // It fails now: it gets one place, and seven are still taken.
    expect(await outbox.claim()).toEqual([]);
    // A delivery under way is looked at again when its lease ends.
    expect(await vault.deliveries.msUntilDue()).toBeGreaterThan(20_000);
  });

  it('gives the next free place to a webhook that has none under way, however long others have waited', async () => {
    for (let n = 0; n < 3; n += 1) {
      const { id } = await addWebhook(vault, tenant.tenantId);
      await outbox.pileUp(id, 20);
    }
    const slow = await outbox.claim(6);
    expect(slow.length).toBe(6);
    const elsewhere = await addCredential(vault);
    await addWebhook(vault, elsewhere.tenantId);
    const quiet = outboxOf(database, vault, elsewhere);
    await quiet.happen(await quiet.connection('quiet'));
    expect(await outbox.named(await outbox.claim(1))).toEqual(['quiet degraded']);
  });

  it('is read by the index, however many deliveries wait', async () => {
    // Of its own: sessions report what they have read up to ten seconds later, or when they end.
    const database = await createTestDatabase();
    const vault = await openVault(database.url);
    const tenant = await addCredential(vault);
    const busy = await addWebhook(vault, tenant.tenantId);
    await vault.close();
    await outboxOf(database, vault, tenant).pileUp(busy.id, 20_000);
    await database.query('vacuum analyze gk.deliveries');
    const scans = async () => {
      await database.query('select pg_stat_force_next_flush()');
      const [row] = await database.query<{ full: number; read: number }>(
        `select t.seq_scan::int as full, (select sum(idx_tup_read)::int from pg_stat_user_indexes where relid = t.relid) as read
         from pg_stat_user_tables t where relname = 'deliveries'`,
      );
      if (!row) throw new Error('There are no statistics.');
      return row;
    };
    const before = await scans();
    for (let turn = 1; turn <= 10; turn += 1) {
      const claimed = await database.query<{ delivery_id: string }>(
        'select delivery_id from gk.claim_deliveries(gen_random_uuid(), 100, 30)',
      );
      await database.query('select gk.ms_until_delivery()');
      await database.query(
        'update gk.deliveries set lease_owner = null, next_attempt_at = gk.now() where id = any ($1)',
        [claimed.map(({ delivery_id }) => delivery_id)],
      );
    }
    const after = await scans();
    expect(after.full - before.full).toBe(0);
    // Ten claims that looked at all there is would have read 200,000. Rows that have just changed are read twice while an
    // automatic analysis is under way.
    expect(after.read - before.read).toBeLessThan(10_000);
    await database.drop();
  });

  it('leaves a leased delivery to its claimer until the lease has run out', async () => {
    await addWebhook(vault, tenant.tenantId);
    await outbox.happen(await outbox.connection('a'));
    const first = await outbox.claimOne();
    await database.setClockOffset(29);
    expect(await outbox.claim(10, other)).toEqual([]);
    await database.setClockOffset(31);
    const second = await outbox.claimOne(other);
    expect(second.deliveryId).toBe(first.deliveryId);
    expect(await vault.deliveries.load(first)).toBeNull();
    expect(await vault.deliveries.end(first, ends.delivered)).toBe(false);
    expect(await other.deliveries.load(second)).toMatchObject({ attempts: 2 });
    expect(await other.deliveries.end(second, ends.delivered)).toBe(true);
  });

  it('holds what a disabled tenant would be told, until it is enabled', async () => {
    await addWebhook(vault, tenant.tenantId);
    await vault.tenants.update(tenant.slug, { disabled: true });
    await outbox.happen(await outbox.connection('a'));
    expect(await outbox.claim()).toEqual([]);
    expect(await vault.deliveries.msUntilDue()).toBeNull();
    await vault.tenants.update(tenant.slug, { disabled: false });
    expect(await outbox.named(await outbox.claim())).toEqual(['a degraded']);
  });
});
