import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#testing';
import {
  addConnection,
  addCredential,
  idle,
  lease,
  openVault,
  type TestVault,
} from '../spec-support/vault.js';
import { within } from '../within.js';
import { partitionName } from './claim.js';

describe('claiming what is due', () => {
  let database: TestDatabase;
  let replicas: TestVault[];
  let tenants: { tenantId: string; credentialId: string }[];

  beforeAll(async () => {
    database = await createTestDatabase();
    replicas = await Promise.all(Array.from({ length: 4 }, () => openVault(database.url)));
    tenants = [];
    for (let number = 0; number < 3; number += 1) tenants.push(await addCredential(replica()));
  });
  beforeEach(async () => {
    await database.setClockOffset(0);
    await database.query('delete from gk.connections');
  });
  afterAll(async () => {
    await Promise.all(replicas.map((vault) => vault.close()));
    await database.drop();
  });

  function replica(number = 0): TestVault {
    const vault = replicas[number];
    if (!vault) throw new Error('There are four.');
    return vault;
  }

  /** Connections spread over the tenants, each due one second before the one ahead of it. */
  async function addDue(count: number, dueInSeconds = 0): Promise<void> {
    for (const [index, { tenantId, credentialId }] of tenants.entries()) {
      await database.query(
        `insert into gk.connections (id, tenant_id, slug, credential_id, "grant", renewal, status, generation, next_renewal_at)
         select gen_random_uuid(), $1, 'c' || n, $2, 'client_credentials', 'auto', 'active', 1,
           gk.now() + make_interval(secs => $5 - n)
         from generate_series(1, $3::int) n where n % 3 = $4`,
        [tenantId, credentialId, count, index, dueInSeconds],
      );
    }
  }

  const closeIntents = (journalId: string) =>
    database.query("select gk.close_intents(array[$1::uuid], gen_random_uuid(), '{}', 15)", [journalId]);

  it('gives each of 200 due connections to exactly one of four claimers', async () => {
    await addDue(200);
    const claimed: string[] = [];
    await Promise.all(
      replicas.map(async ({ renewals }) => {
        for (;;) {
          const claims = await renewals.claimDue(7, lease(), idle);
          if (claims.length === 0) return;
          claimed.push(...claims.map(({ connectionId }) => connectionId));
        }
      }),
    );
    expect([claimed.length, new Set(claimed).size]).toEqual([200, 200]);
    const [noted] = await database.query(
      'select count(distinct connection_id)::int as n, count(*)::int as rows from gk.intents',
    );
    expect(noted).toEqual({ n: 200, rows: 200 });
  });

  it('passes by rows that another claimer has locked, without waiting for it', async () => {
    await replica().renewals.claimDue(1, lease(), idle); // The first one ever writes down which server this is.
    await addDue(20);
    const [held, taken] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const transaction = replica(1).database.dataSource.transaction(async (manager) => {
      await manager.query(`select gk.claim_due(gen_random_uuid(), gen_random_uuid(), 10, 15, 0,
        '{"tenants": {}, "upstreams": {}, "partitions": {}, "tenant_limit": 100, "upstream_limit": 100}')`);
      taken.resolve();
      await held.promise;
    });
    await taken.promise;
    try {
      expect(await within(4_000, replica(0).renewals.claimDue(100, lease(), idle))).toHaveLength(10);
    } finally {
      held.resolve();
      await transaction;
    }
  });

  it('takes the longest due first, leaves what is not due, and sees it when its time comes', async () => {
    await addDue(5, 3);
    const claims = await replica().renewals.claimDue(10, lease(), idle);
    const slugs = await database.query<{ id: string; slug: string }>('select id, slug from gk.connections');
    const claimedSlugs = claims.map(({ connectionId }) => slugs.find(({ id }) => id === connectionId)?.slug);
    expect(claimedSlugs.sort()).toEqual(['c3', 'c4', 'c5']);
    const untilDueMs = await replica().renewals.msUntilDue();
    expect(untilDueMs).toBeGreaterThan(0);
    expect(untilDueMs).toBeLessThanOrEqual(1_000);
    await database.setClockOffset(5);
    expect((await replica().renewals.claimDue(10, lease(), idle)).length).toBe(2);
    expect(await replica().renewals.msUntilDue()).toBeNull();
    await database.query(
      'update gk.connections set lease_owner = null, lease_expires_at = null, journal_wait_until = null',
    );
    const [oldest] = await replica().renewals.claimDue(1, lease(), idle);
    expect(slugs.find(({ id }) => id === oldest?.connectionId)?.slug).toBe('c5');
  });

  it('puts aside what is due of a disabled tenant, and has it back some minutes later', async () => {
    await addDue(9);
    const tenantId = tenants[0]?.tenantId ?? '';
    await database.query('update gk.tenants set disabled_at = gk.now() where id = $1', [tenantId]);
    expect(await replica().renewals.claimDue(20, lease(), idle)).toHaveLength(6);
    const [row] = await database.query<{ id: string }>(
      'select id from gk.connections where lease_owner is null',
    );
    const target = { tenantId, connectionId: row?.id ?? '', generation: 1 };
    expect(await replica().renewals.claim(target, lease())).toMatchObject({ refusal: 'tenant_disabled' });
    await database.query('update gk.tenants set disabled_at = null');
    await database.setClockOffset(601);
    expect(await replica(1).renewals.claimDue(20, lease(), idle)).toHaveLength(9);
  });

  it('neither takes nor wakes for paused ones, few or many', async () => {
    await addDue(900);
    await database.query("update gk.connections set paused = right(slug, 1) < '5'");
    for (;;) if ((await replica().renewals.claimDue(150, lease(), idle)).length === 0) break;
    const claimed = 'select paused from gk.connections where lease_owner is not null';
    expect(await database.query(claimed)).toEqual(Array.from({ length: 450 }, () => ({ paused: false })));
    expect(await replica().renewals.msUntilDue()).toBeNull();
  });

  it('leaves leased connections alone until the lease has run out', async () => {
    await addDue(3);
    // Of the one that does not rotate only the lease keeps others away.
    await database.query("update gk.connections set rotating = false where slug = 'c1'");
    expect((await replica(0).renewals.claimDue(10, lease(15), idle)).length).toBe(3);
    await database.setClockOffset(14);
    expect(await replica(1).renewals.claimDue(10, lease(15), idle)).toEqual([]);
    await database.setClockOffset(16);
    expect((await replica(1).renewals.claimDue(10, lease(15), idle)).length).toBe(3);
  });

  it('heeds what the worker has room for: per tenant, per upstream and per partition', async () => {
    const [first, second, third] = tenants;
    if (!first || !second || !third) throw new Error('There are three.');
    const claimed = async (limits: Partial<typeof idle>) => {
      await database.query('delete from gk.connections');
      await addDue(30);
      const claims = await replica().renewals.claimDue(100, lease(), { ...idle, ...limits });
      return tenants.map(({ tenantId }) => claims.filter((claim) => claim.tenantId === tenantId).length);
    };
    expect(await claimed({})).toEqual([10, 10, 10]);
    expect(await claimed({ tenantLimit: 4 })).toEqual([4, 4, 4]);
    expect(await claimed({ tenantLimit: 4, tenants: { [first.tenantId]: 3, [second.tenantId]: 4 } })).toEqual(
      [1, 0, 4],
    );
    expect((await claimed({ upstreamLimit: 7 })).reduce((sum, n) => sum + n)).toBe(7);
    expect(await claimed({ upstreams: { 'some-provider': 0 } })).toEqual([0, 0, 0]);
    const partition = partitionName({ tenantId: second.tenantId, upstream: 'some-provider' });
    expect(await claimed({ partitions: { [partition]: 0 } })).toEqual([10, 0, 10]);
    expect(await claimed({ partitions: { [partition]: 1 } })).toEqual([10, 1, 10]);
  });

  it('gives tenants turns by their weight while not everything can be done', async () => {
    const [first] = tenants;
    await database.query('update gk.tenants set renewal_weight = 3 where id = $1', [first?.tenantId]);
    await addDue(300);
    const claims = await replica().renewals.claimDue(50, lease(), idle);
    const shares = tenants.map(
      ({ tenantId }) => claims.filter((claim) => claim.tenantId === tenantId).length,
    );
    await database.query('update gk.tenants set renewal_weight = 1');
    expect(shares).toEqual([30, 10, 10]);
  });

  it('finds who is alone among many at once, behind a crowd that must wait', async () => {
    const [first, second] = tenants;
    if (!first || !second) throw new Error('There are three.');
    // 9,000 partitions, one of which is left alone: all 3,000 rows of it are due, and one row of one other.
    await addDue(9_000, 20_000);
    await database.query(`update gk.connections set upstream = slug`);
    await database.query(
      `update gk.connections set upstream = 'crowd', next_renewal_at = gk.now() - interval '1 hour' where tenant_id = $1`,
      [first.tenantId],
    );
    const [alone] = await database.query<{ id: string }>(
      `update gk.connections set next_renewal_at = gk.now() where id = (
         select id from gk.connections where tenant_id = $1 order by upstream offset 2000 limit 1) returning id`,
      [second.tenantId],
    );
    const partitions = { [partitionName({ tenantId: first.tenantId, upstream: 'crowd' })]: 0 };
    const claims = await replica().renewals.claimDue(50, lease(), { ...idle, partitions });
    expect(claims.map(({ connectionId }) => connectionId)).toEqual([alone?.id]);
  });

  it.each(['tenants', 'upstreams', 'partitions'] as const)(
    'finds who is alone behind more full partitions than it looks through, full by their %s',
    async (kind) => {
      const [first, second] = tenants;
      if (!first || !second) throw new Error('There are three.');
      // 103 partitions of one tenant, 300 rows; one row of the tenant behind it, in the middle of their due times.
      await addDue(900);
      await database.query("delete from gk.connections where tenant_id <> $1 and slug <> 'c451'", [
        first.tenantId,
      ]);
      const crowd = await database.query<{ upstream: string }>(
        "update gk.connections set upstream = 'crowd ' || right(slug, 2) where tenant_id = $1 returning upstream",
        [first.tenantId],
      );
      const full = {
        tenants: { [first.tenantId]: idle.tenantLimit },
        upstreams: Object.fromEntries(crowd.map(({ upstream }) => [upstream, 0])),
        partitions: Object.fromEntries(
          crowd.map(({ upstream }) => [partitionName({ tenantId: first.tenantId, upstream }), 0]),
        ),
      };
      const claims = await replica().renewals.claimDue(10, lease(), { ...idle, [kind]: full[kind] });
      expect(claims.map(({ tenantId }) => tenantId)).toEqual([second.tenantId]);
    },
  );

  it('leaves a row alone for longer and longer whose claims end nowhere', async () => {
    await addDue(3);
    await database.query("delete from gk.connections where slug <> 'c3'");
    let seconds = 0;
    const claimedAfter = async (more: number) => {
      seconds += more;
      await database.setClockOffset(seconds);
      return (await replica().renewals.claimDue(10, lease(15), idle)).length;
    };
    for (const turn of [1, 2, 3, 4]) expect([turn, await claimedAfter(16)]).toEqual([turn, 1]);
    expect(await claimedAfter(16)).toBe(0);
    expect(await claimedAfter(8 * 60 - 30)).toBe(0);
    expect(await claimedAfter(60)).toBe(1);
    expect(await claimedAfter(8 * 60)).toBe(0);
  });

  it('leaves such a row alone also where the process comes back each time and reads its journal', async () => {
    await addDue(3);
    await database.query("delete from gk.connections where slug <> 'c3'");
    const claimedAfterRestart = async () => {
      const process = lease(15);
      const claims = await replica().renewals.claimDue(10, process, idle);
      await closeIntents(process.journalId);
      return claims.length;
    };
    for (const turn of [1, 2, 3, 4]) expect([turn, await claimedAfterRestart()]).toEqual([turn, 1]);
    expect(await claimedAfterRestart()).toBe(0);
    await database.setClockOffset(9 * 60);
    expect(await claimedAfterRestart()).toBe(1);
  });

  it('asks a device no sooner than its provider allows, also for one that died while it asked', async () => {
    const [tenant] = tenants;
    if (!tenant) throw new Error('There are three.');
    const { id } = await addConnection(replica(), tenant, 'asks a device');
    await replica().pendingGrants.put(tenant.tenantId, id, {
      contents: { grant: { type: 'ciba', authReqId: 'request' } },
      intervalSeconds: 7,
      expiresInSeconds: 600,
      dueInSeconds: 0,
    });
    const died = lease(15);
    expect(await replica().renewals.claimDue(10, died, idle)).toHaveLength(1);
    await database.setClockOffset(3);
    await closeIntents(died.journalId);
    await database.setClockOffset(9);
    expect(await replica().renewals.claimDue(10, lease(), idle)).toEqual([]);
    await database.setClockOffset(11);
    expect(await replica().renewals.claimDue(10, lease(), idle)).toHaveLength(1);
  });

  it('claims with the tenant, generation and intent that a renewal needs', async () => {
    const owner = lease();
    await addDue(3);
    const claims = await replica().renewals.claimDue(10, owner, idle);
    expect(new Set(claims.map(({ tenantId }) => tenantId))).toEqual(
      new Set(tenants.map(({ tenantId }) => tenantId)),
    );
    for (const claim of claims) {
      expect(claim.generation).toBe(1);
      expect(Math.abs(claim.claimedAt.getTime() - Date.now())).toBeLessThan(5_000);
      const rows = await database.query('select owner from gk.intents where id = $1 and connection_id = $2', [
        claim.intentId,
        claim.connectionId,
      ]);
      expect(rows).toEqual([{ owner: owner.owner }]);
    }
  });

  it('takes over a first exchange that nobody finished, once its time has come', async () => {
    const [tenant] = tenants;
    if (!tenant) throw new Error('There are three.');
    const { id } = await replica().connections.create(tenant.tenantId, {
      slug: 'abandoned',
      credentialId: tenant.credentialId,
      grant: 'client_credentials',
      subject: null,
      requestedScope: null,
      renewal: 'auto',
      takeOverSeconds: 20,
    });
    await addConnection(replica(), tenant, 'waits for its user');
    await database.setClockOffset(19);
    expect(await replica().renewals.claimDue(10, lease(), idle)).toEqual([]);
    await database.setClockOffset(21);
    expect(await replica().renewals.claimDue(10, lease(), idle)).toEqual([
      expect.objectContaining({ connectionId: id, generation: 0 }),
    ]);
  });

  it('finds them by the index, however many connections there are', async () => {
    await addDue(20_000, 40_000);
    await database.query('update gk.connections set next_renewal_at = gk.now() where slug = any ($1)', [
      Array.from({ length: 30 }, (_, n) => `c${n * 100 + 1}`),
    ]);
    // Rows that the tests before have left behind would be counted too.
    await database.query('vacuum analyze gk.connections');
    const scans = async () => {
      await database.query('select pg_stat_force_next_flush()');
      const [row] = await database.query<{ full: number; due: number; read: number }>(`
        select t.seq_scan::int as full, i.idx_scan::int as due, i.idx_tup_read::int as read
        from pg_stat_user_tables t join pg_stat_user_indexes i using (relid) where i.indexrelname = 'connections_due'`);
      if (!row) throw new Error('The index connections_due is gone.');
      return row;
    };
    const before = await scans();
    // In the observer's own session, whose statistics can be flushed at will; often enough for a generic plan, and the
    // last turns with nothing left to find: the scan must end where the due rows end.
    for (let turn = 1; turn <= 12; turn += 1) {
      await database.query('select * from gk.claim_due(gen_random_uuid(), gen_random_uuid(), 3, 90, 0, $1)', [
        JSON.stringify({ tenants: {}, upstreams: {}, partitions: {}, tenant_limit: 9, upstream_limit: 9 }),
      ]);
      await database.query('select gk.ms_until_due()');
    }
    const after = await scans();
    expect(after.full - before.full).toBe(0);
    expect(after.due - before.due).toBeGreaterThanOrEqual(24);
    expect(after.read - before.read).toBeLessThan(5_000);
    const [leased] = await database.query(
      'select count(*)::int as n from gk.connections where lease_owner is not null',
    );
    expect(leased).toEqual({ n: 30 });
  });
});
