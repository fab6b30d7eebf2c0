import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { JournalSet } from '#journal';
import { type Core, connectStrictly, eventually, type SandboxControl, type TestDatabase } from '#testing';
import { TokenReader } from '#token-reads';
import { HoldRepository, RenewalRepository } from '#vault';
import { Renewer } from '../renewer.js';
import { createRestartableCore, type RestartableCore } from '../spec-support/restartable-core.js';
import { ReplaySchedule } from './replay-schedule.js';

/** The tables that a dump or an asynchronous standby would bring back of one connection. */
const rows = ['connections', 'token_sets'] as const;

describe('a database that is put back', () => {
  let restartable: RestartableCore;
  let database: TestDatabase;
  let sandbox: SandboxControl;
  let core: Core;
  let dataDir: string;
  let tenantId: string;
  let connectionId: string;
  let clientId: string;

  beforeAll(async () => {
    restartable = await createRestartableCore();
    ({ database, sandbox } = restartable);
  });
  beforeEach(async () => {
    await database.query('truncate gk.tenants, gk.holds, gk.journals cascade');
    await database.query('update gk.deployment set server = null, server_since = null');
    await database.setClockOffset(0);
    dataDir = restartable.newDataDir();
    core = await start();
    ({ tenantId, connectionId, clientId } = await connectStrictly(core, sandbox));
  });
  afterAll(() => restartable.close());

  const start = (env: Record<string, string> = {}) => restartable.start(dataDir, env);
  const stop = () => core.close();

  async function restart(env: Record<string, string> = {}): Promise<void> {
    await core.close();
    core = await start(env);
  }

  const renew = (generation: number) =>
    core.get(Renewer).renew({ tenantId, connectionId, generation }, { insist: true });

  /** @returns a function that puts the connection back to how it is now */
  async function backup(): Promise<() => Promise<void>> {
    const kept: [string, string][] = [];
    for (const table of rows) {
      const key = table === 'connections' ? 'id' : 'connection_id';
      const [row] = await database.query<{ row: string }>(
        `select row_to_json(t)::text as row from gk.${table} t where ${key} = $1`,
        [connectionId],
      );
      kept.push([table, row?.row ?? '']);
    }
    return async () => {
      await database.query('delete from gk.token_sets where connection_id = $1', [connectionId]);
      await database.query('delete from gk.connections where id = $1', [connectionId]);
      for (const [table, row] of kept) {
        const columns = await database.writtenColumns(table);
        await database.query(
          `insert into gk.${table} (${columns}) select ${columns} from json_populate_record(null::gk.${table}, $1)`,
          [row],
        );
      }
    };
  }

  async function generation(): Promise<number> {
    const [row] = await database.query<{ generation: number }>(
      'select generation from gk.connections where id = $1',
      [connectionId],
    );
    return row?.generation ?? -1;
  }

  it('by one generation is given that back from the journal, and goes on', async () => {
    const putBack = await backup();
    expect(await renew(1)).toEqual({ kind: 'renewed' });
    await putBack();
    await restart();
    expect(await generation()).toBe(2);
    expect(await core.get(HoldRepository).last()).toBeNull();
    expect(await renew(2)).toEqual({ kind: 'renewed' });
    await stop();
  });

  it('is given back what a journal knows that is taken over only after the comparison', async () => {
    const sibling = await start();
    const putBack = await backup();
    const claim = { tenantId, connectionId, generation: 1 };
    expect(await sibling.get(Renewer).renew(claim, { insist: true })).toEqual({ kind: 'renewed' });
    await sibling.get(ReplaySchedule).run();
    await putBack();
    await core.get(ReplaySchedule).run();
    expect(await generation()).toBe(1);
    await sibling.close();
    await core.get(ReplaySchedule).run();
    expect(await generation()).toBe(2);
    await stop();
  });

  it('does not wait for journals of processes that crash again and again: they are removed once they are empty', async () => {
    const known = () => database.query<{ id: string }>('select id::text from gk.journals');
    const own = { id: core.get(JournalSet).ownId };
    await restart({ GRANTKEEPER_UPSTREAM_TIMEOUT_MS: '100' });
    const claims = await start();
    const empty = await start();
    const left = [claims, empty].map((sibling) => ({ id: sibling.get(JournalSet).ownId }));
    expect(
      await claims.get(Renewer).renew({ tenantId, connectionId, generation: 1 }, { insist: true }),
    ).toEqual({ kind: 'renewed' });
    await Promise.all([claims.close(), empty.close()]);
    await core.get(ReplaySchedule).run();
    // A claim may still be on its way to the database for as long as a lease.
    expect(new Set(await known())).toEqual(new Set([own, ...left]));
    await eventually(async () => expect(await known()).not.toContainEqual(left[1]), 15_000);
    expect(new Set(await known())).toEqual(new Set([own, left[0]]));
    expect(core.get(JournalSet).all.map(({ id }) => ({ id }))).toEqual([own, left[0]]);
    expect(readdirSync(join(dataDir, 'journal')).sort()).toEqual([own.id, left[0]?.id].sort());
    await stop();
  }, 30_000);

  it('by more than that holds all renewals and says why, until an admin releases them', async () => {
    const putBack = await backup();
    await renew(1);
    await renew(2);
    await putBack();
    await restart();
    expect(await core.get(HoldRepository).last()).toMatchObject({
      reason: 'database_behind',
      releasedAt: null,
      details: { connections: 1 },
    });
    const { arrived } = await sandbox.counts(clientId);
    expect(await renew(1)).toMatchObject({ kind: 'failed' });
    await database.query('update gk.connections set next_renewal_at = gk.now()');
    expect(await core.get(Renewer).renewDue(10)).toBe(0);
    expect((await sandbox.counts(clientId)).arrived).toBe(arrived);
    // A token that is still valid is served all the same.
    expect(await core.get(TokenReader).read(tenantId, 'main', 60)).toMatchObject({ kind: 'token' });

    expect(await core.get(HoldRepository).release('an admin')).toBe(true);
    await restart();
    expect(await core.get(HoldRepository).last()).toMatchObject({ releasedBy: 'an admin' });
    expect(await renew(1)).toMatchObject({ kind: 'ended' });
    await stop();
  });

  it('with another grant of the same generation is not written over', async () => {
    const putBack = await backup();
    expect(await renew(1)).toEqual({ kind: 'renewed' });
    await putBack();
    // As if another replica had got generation 1 in another way.
    await database.query("update gk.token_sets set spent_hash = '\\x00' where connection_id = $1", [
      connectionId,
    ]);
    await restart();
    expect(await core.get(HoldRepository).last()).toMatchObject({ reason: 'database_diverged' });
    expect(await generation()).toBe(1);
    await stop();
  });

  it('does not keep waiting for a process whose journal is back: its claim is over at once', async () => {
    const lease = {
      owner: randomUUID(),
      journalId: core.get(JournalSet).ownId,
      seconds: 30,
      graceSeconds: 300,
    };
    const claimed = await core.get(RenewalRepository).claim({ tenantId, connectionId, generation: 1 }, lease);
    expect(claimed).toHaveProperty('intentId');
    await restart();
    expect(await renew(1)).toEqual({ kind: 'renewed' });
    await stop();
  });

  it('is not held against a connection that has been authorised again, or removed', async () => {
    await renew(1);
    await database.query('delete from gk.connections where id = $1', [connectionId]);
    await restart();
    expect(await core.get(HoldRepository).last()).toBeNull();
    await stop();
  });

  it('of another installation is not renewed with', async () => {
    await renew(1);
    await restart({ GRANTKEEPER_DEPLOYMENT_ID: 'somewhere-else' });
    expect(await core.get(HoldRepository).last()).toMatchObject({ reason: 'other_deployment' });
    await stop();
  });

  it('is noticed while running: on another timeline everything is compared again', async () => {
    const putBack = await backup();
    expect(await renew(1)).toEqual({ kind: 'renewed' });
    await core.get(ReplaySchedule).run();
    await putBack();
    await core.get(ReplaySchedule).run();
    expect(await generation()).toBe(1);
    // As a promoted standby would name itself.
    await database.query(`
      create or replace function gk.server_line() returns text language sql as $$ select 'promoted' $$`);
    expect(await renew(1)).toMatchObject({ kind: 'failed' });
    await core.get(ReplaySchedule).run();
    expect(await generation()).toBe(2);
    // Other replicas have had the time to look, too.
    expect(await renew(2)).toMatchObject({ kind: 'failed' });
    await database.setClockOffset(6);
    expect(await renew(2)).toEqual({ kind: 'renewed' });
    await stop();
  });

  it.each([
    ['is older than a day', "update gk.journals set seen_at = seen_at - interval '9 days'"],
    ['has not seen this replica yet', 'delete from gk.journals'],
  ])('is not renewed with before the journals were compared, also where it %s', async (_, restoring) => {
    const putBack = await backup();
    await renew(1);
    await renew(2);
    await putBack();
    await database.query(restoring);
    await database.query(`
      create or replace function gk.server_line() returns text language sql as $$ select 'restored ${randomUUID()}' $$`);
    const { arrived } = await sandbox.counts(clientId);
    expect(await renew(1)).toMatchObject({ kind: 'failed' });
    expect((await sandbox.counts(clientId)).arrived).toBe(arrived);
    await core.get(ReplaySchedule).run();
    expect(await core.get(HoldRepository).last()).toMatchObject({ reason: 'database_behind' });
    await stop();
  });

  it('is given back what can be, where one connection cannot be opened; that one is not sent meanwhile', async () => {
    const broken = { tenantId, connectionId };
    await renewUpToTheJournal();
    const [kept] = await database.query<{ sealed: string }>(
      'select sealed from gk.credential_secrets where tenant_id = $1',
      [tenantId],
    );
    const seal = (sealed: string) =>
      database.query('update gk.credential_secrets set sealed = $2 where tenant_id = $1', [
        broken.tenantId,
        sealed,
      ]);
    await seal('spoilt');
    ({ tenantId, connectionId, clientId } = await connectStrictly(core, sandbox));
    await renewUpToTheJournal();
    await restart();
    expect(await generation()).toBe(2);

    ({ tenantId, connectionId } = broken);
    const leases = 'select lease_owner is not null as held from gk.connections where id = $1';
    expect(await database.query(leases, [connectionId])).toEqual([{ held: true }]);
    await seal(kept?.sealed ?? '');
    await core.get(ReplaySchedule).run();
    expect(await generation()).toBe(2);
    expect(await renew(2)).toEqual({ kind: 'renewed' });
    await stop();
  });

  it('is given back an answer from before the release of a hold, and no other is kept for it', async () => {
    await renewUpToTheJournal();
    const { tenantId: tenant, connectionId: connection } = { tenantId, connectionId };
    ({ tenantId, connectionId, clientId } = await connectStrictly(core, sandbox));
    await renewUpToTheJournal();
    await database.query('update gk.connections set generation = 0 where id = $1', [connectionId]);
    await core.get(HoldRepository).hold('database_behind', {});
    await core.get(HoldRepository).release('an admin');
    await restart();
    expect(await core.get(HoldRepository).last()).toMatchObject({ releasedBy: 'an admin' });
    expect(core.get(JournalSet).all.flatMap((journal) => journal.unsettled())).toEqual([]);
    expect(await generation()).toBe(0);
    ({ tenantId, connectionId } = { tenantId: tenant, connectionId: connection });
    expect(await generation()).toBe(2);
    await stop();
  });

  /** Leaves what a crash leaves between the journal and the database. */
  async function renewUpToTheJournal(): Promise<void> {
    await database.query('alter function gk.commit_renewals rename to commit_renewals_away');
    await expect(renew(1)).rejects.toThrow('commit_renewals');
    await database.query('alter function gk.commit_renewals_away rename to commit_renewals');
  }
});
