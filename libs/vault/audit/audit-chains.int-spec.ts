import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#testing';
import { kek } from '../spec-support/kek.js';
import { openVault, type TestVault } from '../spec-support/vault.js';
import { AuditChains } from './audit-chains.js';
import { auditHash } from './audit-hash.js';

const deploymentId = 'audited';
const [oldKek, newKek] = [kek('k1'), kek('k2')];

describe('a chain of audit events', () => {
  let database: TestDatabase;
  let vault: TestVault;
  let chains: AuditChains;

  beforeAll(async () => {
    database = await createTestDatabase();
    vault = await openVault(database.url, { deploymentId, keys: [oldKek] });
    chains = new AuditChains(vault.database, vault.sealer);
  });
  beforeEach(() => database.query('delete from gk.audit_events; delete from gk.audit_chains'));
  afterAll(async () => {
    await vault.close();
    await database.drop();
  });

  const event = (number: number) => ({
    actor: 'key',
    action: 'POST /v1/things',
    target: `/v1/things/${number}`,
    outcome: '201',
    data: { changed: { b: { new: number }, a: { new: 'x\0\ud800' } } },
  });
  const makeChain = async (length = 10, by = vault) => {
    const tenantId = randomUUID();
    await by.audit.appendAll(
      tenantId,
      Array.from({ length }, (_, at) => event(at + 1)),
    );
    return tenantId;
  };
  const verify = async (
    tenantId: string,
    from: Parameters<AuditChains['verify']>[0] = [],
    by: AuditChains = chains,
  ) => {
    const report = await by.verify(from);
    const own = report.chains.find(({ chain }) => chain === tenantId);
    return own?.findings.map(({ kind, sequence }) => `${kind} ${sequence}`);
  };
  const tamper = (tenantId: string, sql: string) => database.query(sql.replaceAll('$T', `'${tenantId}'`));

  it('has a sequence without gaps, also where many write at once, and is intact', async () => {
    const tenantId = await makeChain(3);
    await Promise.all(
      Array.from({ length: 20 }, (_, number) =>
        number % 2 === 0
          ? vault.audit.append({ tenantId, ...event(number) })
          : vault.audit.appendAll(tenantId, [event(number), event(number)]),
      ),
    );
    const { items } = await vault.audit.list(tenantId, { limit: 100 });
    expect(items.map(({ id }) => Number(id))).toEqual(Array.from({ length: 33 }, (_, at) => at + 1));
    expect(await verify(tenantId)).toEqual([]);
    expect(await vault.audit.checkpoint(tenantId)).toMatchObject({
      sequence: 33,
      hash: items.at(-1)?.hash.toString('hex'),
    });
  });

  /** Each by a superuser, who may do anything but make a MAC. */
  const tamperings: Readonly<Record<string, { sql: string; found: string[] }>> = {
    edit: {
      sql: `update gk.audit_events set actor = 'another' where tenant_id = $T and sequence = 4`,
      found: ['edited 4'],
    },
    'edit inside the data': {
      sql: `update gk.audit_events set data = jsonb_set(data, '{changed,b,new}', '99') where tenant_id = $T and sequence = 4`,
      found: ['edited 4'],
    },
    delete: {
      sql: 'delete from gk.audit_events where tenant_id = $T and sequence = 4',
      found: ['missing 5'],
    },
    'delete the first': {
      sql: 'delete from gk.audit_events where tenant_id = $T and sequence < 4',
      found: ['missing 4'],
    },
    'delete and close the gap': {
      sql: `delete from gk.audit_events where tenant_id = $T and sequence = 4;
        update gk.audit_events set sequence = sequence - 1 where tenant_id = $T and sequence > 4`,
      found: [
        'unlinked 4',
        'edited 4',
        'edited 5',
        'edited 6',
        'edited 7',
        'edited 8',
        'edited 9',
        'truncated 10',
      ],
    },
    insert: {
      sql: `insert into gk.audit_events (tenant_id, sequence, actor, action, outcome, data, created_at, previous_hash, hash, kid, mac)
          select tenant_id, 11, 'x', action, outcome, data, created_at, hash, hash, kid, mac
          from gk.audit_events where tenant_id = $T and sequence = 10;
        update gk.audit_chains set sequence = 11 where tenant_id = $T`,
      found: ['edited 11'],
    },
    'copy into another chain': {
      sql: `insert into gk.audit_events (tenant_id, sequence, actor, action, outcome, data, created_at, previous_hash, hash, kid, mac)
          select $T, 11, actor, action, outcome, data, created_at, previous_hash, hash, kid, mac
          from gk.audit_events where tenant_id <> $T order by sequence desc limit 1`,
      found: ['unlinked 11', 'edited 11', 'unannounced 11'],
    },
    reorder: {
      sql: `update gk.audit_events set sequence = 100 where tenant_id = $T and sequence = 4;
        update gk.audit_events set sequence = 4 where tenant_id = $T and sequence = 5;
        update gk.audit_events set sequence = 5 where tenant_id = $T and sequence = 100`,
      found: ['unlinked 4', 'edited 4', 'unlinked 5', 'edited 5', 'unlinked 6'],
    },
    'truncate and leave the head': {
      sql: 'delete from gk.audit_events where tenant_id = $T and sequence > 7',
      found: ['truncated 10'],
    },
    restamp: {
      sql: `update gk.audit_events set created_at = created_at - interval '1 millisecond' where tenant_id = $T and sequence = 4`,
      found: ['edited 4'],
    },
    'take the chain away': {
      sql: 'delete from gk.audit_chains where tenant_id = $T',
      found: ['unannounced 10'],
    },
    'forge a cut': {
      sql: `delete from gk.audit_events where tenant_id = $T and sequence < 4;
        update gk.audit_chains set cut = (select jsonb_build_object('sequence', 3, 'at', '2026-01-01T00:00:00.000Z', 'kid', kid,
            'hash', encode(previous_hash, 'hex'), 'mac', encode(mac, 'hex'))
          from gk.audit_events where tenant_id = $T and sequence = 4) where tenant_id = $T`,
      found: ['cut_forged 3'],
    },
  };

  it.each(Object.entries(tamperings))('shows an attempt to %s', async (_, { sql, found }) => {
    const tenantId = await makeChain();
    await makeChain(1);
    await tamper(tenantId, sql);
    expect(await verify(tenantId)).toEqual(found);
  });

  it('shows hashes that were made anew without the key', async () => {
    const tenantId = await makeChain();
    const [row] = (await vault.audit.list(tenantId, { limit: 1, afterId: '3' })).items;
    if (!row) throw new Error('Expected an event.');
    const hash = auditHash({ ...row, actor: 'another' }).toString('hex');
    await tamper(
      tenantId,
      `update gk.audit_events set actor = 'another', hash = decode('${hash}', 'hex') where tenant_id = $T and sequence = 4;
       update gk.audit_events set previous_hash = decode('${hash}', 'hex') where tenant_id = $T and sequence = 5`,
    );
    expect(await verify(tenantId)).toEqual(['forged 4', 'edited 5']);
  });

  /** Events are read in batches of 1,000: the second of these is between two. */
  it.each([4, 1_000])('shows a second event of number %d', async (number) => {
    const tenantId = await makeChain(1_001);
    const unique = 'audit_events_tenant_id_sequence_key';
    await database.query(`alter table gk.audit_events drop constraint ${unique}`);
    await tamper(
      tenantId,
      `insert into gk.audit_events select * from gk.audit_events where tenant_id = $T and sequence = ${number}`,
    );
    expect((await verify(tenantId))?.map((finding) => finding.split(' ', 1))).toEqual([['doubled']]);
    await tamper(tenantId, 'delete from gk.audit_events where tenant_id = $T');
    await database.query(
      `alter table gk.audit_events add constraint ${unique} unique nulls not distinct (tenant_id, sequence)`,
    );
  });

  it('shows against a checkpoint that its end was cut off, and that it was begun anew', async () => {
    const tenantId = await makeChain();
    const checkpoint = await vault.audit.checkpoint(tenantId);
    expect(await verify(tenantId, [checkpoint])).toEqual([]);
    await tamper(
      tenantId,
      `delete from gk.audit_events where tenant_id = $T and sequence > 7;
       update gk.audit_chains c set sequence = 7, hash = e.hash from gk.audit_events e
         where c.tenant_id = $T and e.tenant_id = $T and e.sequence = 7`,
    );
    expect(await verify(tenantId)).toEqual([]);
    expect(await verify(tenantId, [checkpoint])).toEqual(['truncated 10']);

    for (let number = 8; number <= 12; number += 1)
      await vault.audit.append({ tenantId, ...event(number + 1) });
    expect(await verify(tenantId)).toEqual([]);
    expect(await verify(tenantId, [checkpoint])).toEqual(['edited 10']);
  });

  it('is told apart from every other by its checkpoints, and a forged one is of none', async () => {
    const tenantId = await makeChain(1);
    const checkpoint = await vault.audit.checkpoint(tenantId);
    const forged = { ...checkpoint, sequence: 0 };
    expect((await chains.verify([checkpoint])).strayCheckpoints).toEqual([]);
    expect(await chains.verify([forged])).toMatchObject({ ok: false, strayCheckpoints: [forged] });
    await tamper(
      tenantId,
      'delete from gk.audit_events where tenant_id = $T; delete from gk.audit_chains where tenant_id = $T',
    );
    expect((await chains.verify([checkpoint])).strayCheckpoints).toEqual([checkpoint]);
  });

  it('goes on under a newer key, is verified under both, and not without the old one', async () => {
    const tenantId = await makeChain(2);
    const both = await openVault(database.url, { deploymentId, keys: [newKek, oldKek] });
    await both.audit.append({ tenantId, ...event(3) });
    expect(await verify(tenantId, [], new AuditChains(both.database, both.sealer))).toEqual([]);
    expect(await verify(tenantId)).toEqual(['unknown_key 3']);
    await both.close();
  });

  it('is pruned with a signed cut, and stays verifiable from there on', async () => {
    const tenantId = await makeChain(5);
    const checkpoint = await vault.audit.checkpoint(tenantId);
    const broken = await makeChain(3);
    await tamper(broken, `update gk.audit_events set actor = 'x' where tenant_id = $T and sequence = 2`);
    await database.setClockOffset(3_600);
    await vault.audit.append({ tenantId, ...event(6) });
    const pruned = await chains.prune(new Date(Date.now() + 1_800_000));
    await database.setClockOffset(0);
    expect(pruned).toContainEqual({ chain: tenantId, removed: 5 });
    expect(pruned).toContainEqual({ chain: broken, removed: 0, refused: 'not_intact' });

    const { items } = await vault.audit.list(tenantId, { limit: 10 });
    expect(items.map(({ id, action }) => [id, action])).toEqual([
      ['6', 'POST /v1/things'],
      ['7', 'audit.prune'],
    ]);
    expect(await verify(tenantId, [checkpoint])).toEqual([]);
    await tamper(tenantId, 'delete from gk.audit_events where tenant_id = $T and sequence = 6');
    expect(await verify(tenantId)).toEqual(['missing 7']);
  });

  it('is not continued by an event that does not fit, nor in a transaction that is rolled back', async () => {
    const tenantId = await makeChain(2);
    const [last] = (await vault.audit.list(tenantId, { limit: 1 })).items;
    const row = { ...last, sequence: 3, at: new Date(), previous_hash: '00', hash: '01', mac: '02' };
    await expect(
      vault.database.inTenant(tenantId, (manager) =>
        manager.query('select gk.append_audit_events($1, $2)', [tenantId, JSON.stringify([row])]),
      ),
    ).rejects.toThrow('do not continue the chain');
    expect(await verify(tenantId)).toEqual([]);
  });
});
