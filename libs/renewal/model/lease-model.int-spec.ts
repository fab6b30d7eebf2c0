import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Core, createCore, createTestDatabase, type TestDatabase } from '#testing';
import {
  type Claim,
  type ClaimedConnection,
  ConnectionRepository,
  CredentialRepository,
  JournalRepository,
  PendingGrantRepository,
  RenewalRepository,
  TenantRepository,
} from '#vault';
import { authorize, claim, close, commit, fail, type LeaseRow } from './lease-model.js';

const startMs = Date.UTC(2026, 0, 1);
const leaseMs = 15_000;
const graceMs = 300_000;
const owners = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'] as const;

/** Reads the journal of a process that is gone. */
const successor = '00000000-0000-4000-8000-00000000000c';

const who = fc.constantFrom(0 as const, 1 as const);
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(0, 1, 14, 16, 400) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('claim' as const),
      who,
      insist: fc.boolean(),
      stale: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('commit' as const), who, rotating: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('fail' as const),
      who,
      end: fc.constantFrom('degraded', 'reauthorization_required'),
      retryInSeconds: fc.constantFrom(null, 30),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('authorize' as const) }) },
);

/** A replica, as far as the database knows it: each has its own journal. */
interface Replica {
  readonly owner: string;
  claim: Claim | null;
  loaded: ClaimedConnection | null;
}

describe('the database', () => {
  let database: TestDatabase;
  let core: Core;
  let tenantId: string;
  let credentialId: string;
  let connectionId: string;
  let nowMs = startMs;

  beforeAll(async () => {
    database = await createTestDatabase();
    core = await createCore({ database, sandbox: 'http://127.0.0.1:1' });
    await database.query(`
      create table gk_fixed (at timestamptz not null);
      insert into gk_fixed values ('2026-01-01');
      grant select on gk_fixed to public;
      create or replace function gk.now() returns timestamptz language sql volatile as 'select at from public.gk_fixed'`);
    tenantId = (await core.get(TenantRepository).create({ slug: 'lease', name: 'lease' })).id;
    const credential = await core.get(CredentialRepository).create(tenantId, {
      slug: 'main',
      provider: 'some-provider',
      clientId: 'client',
      secret: { kind: 'client_secret', value: 'a secret of this client' },
      settings: {},
    });
    credentialId = credential.id;
  }, 30_000);
  afterAll(async () => {
    await core.close();
    await database.drop();
  });

  async function setNow(ms: number): Promise<void> {
    nowMs = ms;
    await database.query('update gk_fixed set at = $1', [new Date(ms)]);
  }

  /** A connection of generation 1 that is due. */
  async function begin(rotating: boolean): Promise<LeaseRow> {
    await database.query('delete from gk.connections');
    await setNow(startMs);
    const connection = await core.get(ConnectionRepository).create(tenantId, {
      slug: 'main',
      credentialId,
      grant: 'client_credentials',
      subject: null,
      requestedScope: null,
      renewal: 'eager',
      takeOverSeconds: null,
    });
    connectionId = connection.id;
    const renewals = core.get(RenewalRepository);
    const loaded = await renewals.load({ tenantId, connectionId, generation: 0 });
    if (!loaded) throw new Error('It is there.');
    await renewals.commit({ tenantId, connectionId, generation: 0 }, loaded, tokens(rotating));
    return stored();
  }

  function tokens(rotating: boolean) {
    return {
      contents: { accessToken: 'a', tokenType: 'Bearer', scope: null, refreshToken: null },
      issuedAt: new Date(nowMs),
      expiresAt: new Date(nowMs + 3_600_000),
      refreshTokenExpiresAt: null,
      nextRenewalAt: new Date(nowMs + 100_000),
      renewAheadAt: null,
      grantEndsAt: null,
      rotating,
      singleUse: false,
      announce: false,
    };
  }

  async function stored(): Promise<LeaseRow> {
    const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;
    const [row] = await database.query<LeaseRow>(
      `select generation, status, lease_owner as "leaseOwner", rotating as "rotating", unfinished,
         ${ms('lease_expires_at')} as "leaseUntilMs", ${ms('journal_wait_until')} as "journalWaitUntilMs",
         (select encode(spent_hash, 'hex') from gk.pending_grants where connection_id = c.id) as pending,
         (select encode(spent_hash, 'hex') from gk.intents i where connection_id = c.id and owner = lease_owner
            and deadline_at = lease_expires_at and spent_hash <> all (select s.spent_hash from gk.token_sets s where s.connection_id = c.id)) as "leasedPending",
         ${ms('retry_not_before')} as "retryNotBeforeMs", ${ms('next_renewal_at')} as "nextRenewalMs"
       from gk.connections c where id = $1`,
      [connectionId],
    );
    if (!row) throw new Error('It is there.');
    return row;
  }

  it(
    'keeps to the rules of leases, whatever happens in whatever order',
    () =>
      fc.assert(
        fc.asyncProperty(fc.boolean(), fc.array(step, { maxLength: 25 }), async (rotating, steps) => {
          let row = await begin(rotating);
          const replicas: [Replica, Replica] = [
            { owner: owners[0], claim: null, loaded: null },
            { owner: owners[1], claim: null, loaded: null },
          ];
          for (const one of steps) {
            row = await play(one, row, replicas);
            expect({ after: one, row: await stored() }).toEqual({ after: one, row });
          }
        }),
        { numRuns: 40 },
      ),
    60_000,
  );

  async function play(
    one: typeof step extends fc.Arbitrary<infer Step> ? Step : never,
    row: LeaseRow,
    replicas: [Replica, Replica],
  ): Promise<LeaseRow> {
    const renewals = core.get(RenewalRepository);
    if (one.kind === 'wait') {
      await setNow(nowMs + one.seconds * 1_000);
      return row;
    }
    if (one.kind === 'authorize') {
      await core.get(PendingGrantRepository).put(tenantId, connectionId, {
        contents: { grant: { type: 'refresh_token', refreshToken: 'new' } },
        intervalSeconds: null,
        expiresInSeconds: null,
        dueInSeconds: 20,
      });
      return authorize(row, (await stored()).pending ?? '', nowMs + 20_000);
    }
    const replica = replicas[one.who];
    const { owner } = replica;
    if (one.kind === 'claim') {
      const generation = one.stale ? row.generation - 1 : row.generation;
      const expected = claim(row, { owner, generation, nowMs, leaseMs, graceMs, insist: one.insist });
      const lease = { owner, journalId: owner, seconds: leaseMs / 1_000, graceSeconds: graceMs / 1_000 };
      const claimed = await renewals.claim(
        { tenantId, connectionId, generation },
        { ...lease, insist: one.insist },
      );
      expect('refusal' in claimed ? claimed.refusal : 'claimed').toBe(expected.outcome);
      if (!('refusal' in claimed)) {
        replica.claim = claimed;
        replica.loaded = await renewals.load(claimed);
      }
      return expected.row;
    }
    if (one.kind === 'close') {
      await core.get(JournalRepository).closeIntents([owner], successor, [], 0);
      return close(row, owner, nowMs);
    }
    if (!replica.claim || !replica.loaded) return row;
    const { generation } = replica.claim;
    const { spentHash: sent } = replica.loaded;
    if (one.kind === 'commit') {
      const end = { generation, rotating: one.rotating, nextRenewalMs: nowMs + 100_000, sent };
      const written = commit(row, end);
      expect(await renewals.commit(replica.claim, replica.loaded, tokens(one.rotating))).toBe(
        written !== undefined,
      );
      return written ?? row;
    }
    const terminal = one.end === 'reauthorization_required';
    const status = terminal ? 'reauthorization_required' : 'degraded';
    const retryMs = terminal || one.retryInSeconds === null ? null : nowMs + one.retryInSeconds * 1_000;
    const end = {
      owner,
      generation,
      status,
      terminal,
      nextRenewalMs: retryMs,
      retryNotBeforeMs: retryMs,
      sent,
      nowMs,
    } as const;
    const written = fail(row, end);
    const noted = await renewals.fail(replica.claim, {
      status,
      error: { code: 'server_error', at: '', attempts: 1, next_attempt_at: null, remedy: '' },
      nextRenewalAt: retryMs === null ? null : new Date(retryMs),
      retryNotBefore: retryMs === null ? null : new Date(retryMs),
      terminal,
      refused: false,
      spentHash: sent,
    });
    expect(noted).toBe(written !== undefined);
    return written ?? row;
  }
});
