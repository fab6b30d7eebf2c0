import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCore, createTestDatabase, eventually, Stopwatch, type TestDatabase } from '#testing';
import { CredentialRepository, TenantRepository } from '#vault';
import { freePort } from '../support/free-port.js';
import { watchMemory } from '../support/resident-memory.js';
import { type RoleProcess, startRole } from '../support/role-process.js';
import { allowedMs, scaled } from '../support/scale.js';
import { SimpleProvider } from './simple-provider.js';

const few = scaled(5_000, 10_000);
const many = scaled(15_000, 1_000_000);
const tenantCount = 50;
/** The short version shares the machine with other tests. */
const perMinute = scaled(4_000, 10_000);
const seconds = scaled(6, 60);
const kek = `many:${Buffer.alloc(32, 7).toString('base64')}`;
const idle = JSON.stringify({
  tenants: {},
  upstreams: {},
  partitions: {},
  tenant_limit: 64,
  upstream_limit: 96,
});

interface Population {
  readonly database: TestDatabase;
  readonly total: number;
}

describe(`${many} connections`, () => {
  let provider: SimpleProvider;
  let worker: RoleProcess | undefined;
  let populations: [Population, Population];
  const dataDir = mkdtempSync(join(tmpdir(), 'gk-many-'));

  beforeAll(
    async () => {
      provider = await SimpleProvider.start(5);
      populations = [await populate(few), await populate(many)];
      const [{ database }] = populations;
      // Written rows must not be on its way to the disk while claims are timed.
      await database.query('checkpoint');
    },
    allowedMs(180, 600),
  );
  afterAll(async () => {
    await worker?.stop();
    provider.close();
    for (const { database } of populations) await database.drop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** A database with so many connections over all tenants, none of them due before tomorrow. */
  async function populate(total: number): Promise<Population> {
    const database = await createTestDatabase();
    const core = await createCore({
      database,
      sandbox: 'http://127.0.0.1:1',
      env: { GRANTKEEPER_KEKS: kek },
    });
    for (let n = 0; n < tenantCount; n += 1) {
      const { id: tenantId } = await core.get(TenantRepository).create({ slug: `t${n}`, name: `t${n}` });
      const { id: credentialId } = await core.get(CredentialRepository).create(tenantId, {
        slug: 'main',
        provider: 'generic-oauth2',
        clientId: `client ${n}`,
        secret: { kind: 'client_secret', value: 'a secret of this client' },
        settings: { token_endpoint: provider.tokenEndpoint },
      });
      await database.query(
        `insert into gk.connections (id, tenant_id, slug, credential_id, "grant", renewal, status, generation, rotating, next_renewal_at)
         select gen_random_uuid(), $1, 'c' || n, $2, 'client_credentials', 'eager', 'active', 1, false,
           gk.now() + interval '1 day' + n * interval '1 second'
         from generate_series(1, $3::int) n`,
        [tenantId, credentialId, Math.ceil(total / tenantCount)],
      );
    }
    await core.close();
    await database.query('vacuum analyze gk.connections');
    return { database, total };
  }

  /** Milliseconds of one claim of what falls due within some 30 ms at that rate. */
  async function claimMs({ database }: Population): Promise<number> {
    await database.query(
      `update gk.connections set next_renewal_at = gk.now() - interval '1 second'
       where id in (select id from gk.connections where lease_owner is null and generation = 1 limit 5)`,
    );
    const startedAtMs = performance.now();
    const claims = await database.query(
      'select * from gk.claim_due(gen_random_uuid(), gen_random_uuid(), 128, 15, 300, $1)',
      [idle],
    );
    const tookMs = performance.now() - startedAtMs;
    expect(claims.length).toBe(5);
    await database.query(
      `update gk.connections set lease_owner = null, lease_expires_at = null, next_renewal_at = gk.now() + interval '1 day'
       where lease_owner is not null`,
    );
    return tookMs;
  }

  /** In turns, so that a machine whose speed drifts treats both alike. */
  async function claimsInTurn(turns: number): Promise<[few: number, many: number]> {
    const times: [number[], number[]] = [[], []];
    for (let turn = 0; turn < turns; turn += 1) {
      for (const index of [0, 1] as const) times[index].push(await claimMs(populations[index]));
    }
    const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(turns / 2)] ?? 0;
    return [median(times[0]), median(times[1])];
  }

  it(
    'cost a claim no more than a few do, and are renewed in time by one small worker',
    async () => {
      const [, { database }] = populations;
      // Functions are planned anew for the first few calls.
      await claimsInTurn(20);
      const [withFew, withMany] = await claimsInTurn(scaled(60, 200));
      process.stdout.write(
        `claim p50: ${withFew.toFixed(2)} ms of ${few} rows, ${withMany.toFixed(2)} ms of ${many}: ${(withMany / withFew).toFixed(2)}\n`,
      );
      // The short version shares the machine with other tests.
      expect(withMany / withFew).toBeLessThanOrEqual(scaled(1.6, 1.2));

      await database.query('create table due (id uuid primary key, due_at timestamptz not null)');
      await database.query(
        `insert into due select id, gk.now() + interval '3 seconds' + n * interval '1 second' * $2::float
         from (select id, row_number() over () as n from gk.connections limit $1) c`,
        [(perMinute / 60) * seconds, 60 / perMinute],
      );
      await database.query(
        'update gk.connections c set next_renewal_at = due.due_at from due where due.id = c.id',
      );
      worker = await startRole('worker', {
        DATABASE_URL: database.url,
        GRANTKEEPER_DATA_DIR: dataDir,
        GRANTKEEPER_KEKS: kek,
        GRANTKEEPER_EGRESS_ALLOW: 'http://127.0.0.1:*',
        WORKER_PORT: String(await freePort()),
      });
      using watch = new Stopwatch();
      const most = watchMemory(worker.child.pid ?? 0);
      let rssMb = Number.POSITIVE_INFINITY;
      const late = await eventually(
        async () => {
          const [row] = await database.query<{ left: number; p99: number }>(
            `select count(*) filter (where c.generation < 2)::int as left,
               percentile_cont(0.99) within group (order by extract(epoch from c.last_renewed_at - due.due_at)) as p99
             from due join gk.connections c using (id)`,
          );
          expect(row?.left).toBe(0);
          return row?.p99 ?? Number.POSITIVE_INFINITY;
        },
        (seconds + 30) * 1_000,
      ).finally(() => {
        rssMb = most();
      });
      process.stdout.write(`p99 lateness ${late.toFixed(2)} s, worker RSS at most ${rssMb.toFixed(0)} MB\n`);
      expect(late).toBeLessThan(scaled(5 + watch.pausedMs() / 1_000, 2));
      expect(rssMb).toBeGreaterThan(10);
      expect(rssMb).toBeLessThanOrEqual(300);
    },
    allowedMs(180, 1_200),
  );
});
