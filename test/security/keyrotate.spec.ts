import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#testing';
import { everySealedColumn } from '../../libs/vault/encryption/sealed-columns.js';
import { mostSealsPerDataKey } from '../../libs/vault/repositories/data-key.repository.js';
import { dataKeysOf } from '../../libs/vault/repositories/data-keys.js';
import { kek } from '../../libs/vault/spec-support/kek.js';
import {
  addConnection,
  addCredential,
  claimNow,
  commitNow,
  openVault,
  populate,
  type TestVault,
  tokens,
} from '../../libs/vault/spec-support/vault.js';
import { allowedMs, scaled } from '../support/scale.js';
import { addSealedConnections, everySealedRow, openRow } from './sealed-rows.js';

const deploymentId = 'deployment-1';
const [first, second] = [kek('first'), kek('second')];
const tenants = scaled(2, 4);
const connectionsEach = scaled(60, 25_000);
/** Longer than an older data key is kept unused. */
const pastGraceSeconds = 700;

let database: TestDatabase;
let replicas: [TestVault, TestVault];
let passed = 0;
const oldRows = `from (${everySealedColumn
  .map(({ table }) => `select data_key_id from gk.${table}`)
  .join(' union all ')}) r join gk.tenant_keys k on k.id = r.data_key_id where k.version = 1`;

beforeAll(async () => {
  database = await createTestDatabase();
  const keys = { deploymentId, keys: [second, first] };
  replicas = [await openVault(database.url, keys), await openVault(database.url, keys)];
});
afterAll(async () => {
  await Promise.all(replicas.map((replica) => replica.close()));
  await database.drop();
});

const keysOf = (tenantId: string) =>
  replicas[0].database.inTenant(tenantId, (manager) => dataKeysOf(manager, tenantId));
const workAll = async () => {
  while (await replicas[0].dataKeys.work(60_000));
};
const letGracePass = () => {
  passed += pastGraceSeconds;
  return database.setClockOffset(passed);
};

describe('keys that are replaced beside reads and renewals', () => {
  const populated: Awaited<ReturnType<typeof populate>>[] = [];
  const failures: unknown[] = [];
  const done = { reads: 0, renewals: 0 };

  beforeAll(
    async () => {
      const before = await openVault(database.url, { deploymentId, keys: [first] });
      for (let n = 0; n < tenants; n += 1) {
        const tenant = await populate(before);
        expect(await commitNow(before, tenant.claim, 'token')).toBe(true);
        await before.pendingGrants.put(tenant.tenantId, tenant.connectionId, {
          contents: { grant: { type: 'refresh_token', refreshToken: 'waiting' } },
          intervalSeconds: null,
          expiresInSeconds: 60,
          dueInSeconds: null,
        });
        await addSealedConnections(before, database, tenant, connectionsEach);
        populated.push(tenant);
      }
      await before.close();
    },
    allowedMs(30, 300),
  );

  it(
    'fail nobody, and then are needed by nothing: all opens with the new ones alone',
    async () => {
      const startedAtMs = performance.now();
      const copies = await everySealedRow(database);
      const oldKeys = new Map(
        await Promise.all(populated.map(async ({ tenantId }) => [tenantId, await keysOf(tenantId)] as const)),
      );
      let stopped = false;
      const loads = populated.flatMap((tenant, at) =>
        replicas.map(async (replica, which) => {
          const generations = new Map<number, number>();
          for (let n = which; !stopped; n = (n + 2 * 7) % connectionsEach) {
            try {
              const { rows, id } = await connectionOf(tenant.tenantId, n);
              const read = await replicas[at % 2 === 0 ? 1 : 0].tokens.read(tenant.tenantId, `c-${n}`);
              if (read?.token?.accessToken !== `token ${generations.get(n) ?? rows}`) throw new Error('lost');
              done.reads += 1;
              const target = { tenantId: tenant.tenantId, connectionId: id, generation: rows };
              const claim = await claimNow(replica, target, 3_600);
              if (!(await commitNow(replica, claim, `token ${rows + 1}`))) throw new Error('not written');
              generations.set(n, rows + 1);
              done.renewals += 1;
            } catch (error) {
              failures.push(error);
              return;
            }
          }
        }),
      );
      try {
        await replaceAll();
      } finally {
        stopped = true;
        await Promise.all(loads);
      }
      expect(failures).toEqual([]);
      expect(done.reads).toBeGreaterThan(0);
      expect(done.renewals).toBeGreaterThan(0);

      const use = (await replicas[0].keys.uses()).find(({ id }) => id === 'first');
      expect(use).toMatchObject({ dataKeys: 0, olderDataKeys: 0 });
      const after = await openVault(database.url, { deploymentId, keys: [second] });
      const rows = await everySealedRow(database);
      expect(rows.length).toBe(copies.length);
      for (const { tenantId } of populated) {
        const keys = await keysOf(tenantId);
        expect(keys.map(({ version }) => version)).toEqual([2]);
        for (const row of rows.filter((one) => one.tenantId === tenantId)) await openRow(after, row, keys);
      }
      await after.close();

      // Shredded: the copies open with the data key of then only, which nothing has any more.
      for (const { tenantId } of populated) {
        const keys = await keysOf(tenantId);
        const ofTenant = copies.filter((one) => one.tenantId === tenantId).slice(-scaled(20, 2_000));
        for (const row of ofTenant) {
          await openRow(replicas[0], row, oldKeys.get(tenantId) ?? []);
          await expect(openRow(replicas[0], row, keys)).rejects.toMatchObject({ code: 'cannot_open' });
        }
      }
      process.stdout.write(
        `key rotation: ${rows.length} rows, ${done.reads} reads and ${done.renewals} renewals beside it, ` +
          `${failures.length} failures, ${Math.round((performance.now() - startedAtMs) / 1_000)} s\n`,
      );
    },
    allowedMs(60, 540),
  );

  const replaceAll = async () => {
    const rewraps = await Promise.all(replicas.map(({ keys }) => keys.rewrap(60_000)));
    expect(rewraps.map(({ left }) => left)).toEqual([0, 0]);
    // Each asks both replicas at once, and is stopped at once: the rest is found by whoever comes next.
    const asked = populated.flatMap(({ tenantId }) =>
      replicas.map(({ dataKeys }) => dataKeys.rotate(tenantId, 0)),
    );
    for (const { version, resealed } of await Promise.all(asked)) {
      expect({ version, resealed }).toEqual({ version: 2, resealed: 0 });
    }
    // A row that a request was under way with is left to the next pass, and so is a key that it may still use.
    while ((await countOf(oldRows)) > 0) {
      await Promise.all(replicas.map(({ dataKeys }) => dataKeys.work(30_000)));
    }
    await workAll();
    await letGracePass();
    while ((await countOf('from gk.tenant_keys where version = 1')) > 0) await workAll();
  };
  const countOf = async (what: string) => {
    const [row] = await database.query<{ n: number }>(`select count(*)::integer as n ${what}`);
    return row?.n ?? 0;
  };
  const connectionOf = async (tenantId: string, n: number) => {
    const [row] = await database.query<{ id: string; rows: number }>(
      'select id, generation as rows from gk.connections where tenant_id = $1 and slug = $2',
      [tenantId, `c-${n}`],
    );
    if (!row) throw new Error('no such connection');
    return row;
  };
});

describe('a data key', () => {
  it('is replaced by the worker before it has sealed too much, which replicas count in blocks', async () => {
    const [replica, other] = replicas;
    const { tenantId } = await addCredential(replica);
    await Promise.all(replicas.map(({ dataKeys }) => dataKeys.tellSeals()));
    const seals = 'select seals::integer as seals from gk.tenant_keys where tenant_id = $1';
    expect(await database.query(seals, [tenantId])).toEqual([{ seals: 2 ** 16 }]);
    await workAll();
    expect(await keysOf(tenantId)).toHaveLength(1);
    await database.query('update gk.tenant_keys set seals = $2 where tenant_id = $1', [
      tenantId,
      mostSealsPerDataKey - 1,
    ]);
    await addConnection(other, {
      tenantId,
      credentialId: (await replica.credentials.find(tenantId, 'main'))?.id ?? '',
    });
    await other.pendingGrants.put(tenantId, (await other.connections.find(tenantId, 'main'))?.id ?? '', {
      contents: { grant: { type: 'refresh_token', refreshToken: 'waiting' } },
      intervalSeconds: null,
      expiresInSeconds: null,
      dueInSeconds: null,
    });
    await other.dataKeys.tellSeals();
    await Promise.all(replicas.map(({ dataKeys }) => dataKeys.work(60_000)));
    expect((await keysOf(tenantId)).map(({ version }) => version)).toEqual([2, 1]);
    await letGracePass();
    await workAll();
    await workAll();
    expect((await keysOf(tenantId)).map(({ version }) => version)).toEqual([2]);
    const { items } = await replica.audit.list(tenantId, { limit: 50 });
    expect(items.map(({ actor, action, data }) => [actor, action, data]).sort()).toEqual([
      ['worker', 'data_key.delete', { version: 1 }],
      ['worker', 'data_key.rotate', { version: 2 }],
    ]);
  });

  it('stays while a request is under way that has read it, and takes nothing once it is gone', async () => {
    const [replica, other] = replicas;
    const { claim, tenantId, connectionId } = await populate(replica);
    const loaded = await replica.renewals.load(claim);
    if (!loaded) throw new Error('Expected a loaded claim.');
    const [old] = await keysOf(tenantId);
    // The tokens that are sent, and the grant that waits.
    expect(await other.dataKeys.rotate(tenantId, 60_000)).toMatchObject({ version: 2, left: 2 });
    await letGracePass();
    await workAll();
    expect(await keysOf(tenantId)).toHaveLength(2);
    expect(await replica.renewals.commit(claim, loaded, tokens('written late'))).toBe(true);
    await workAll();
    expect((await other.tokens.read(tenantId, 'main'))?.token?.accessToken).toBe('written late');
    expect(await other.pendingGrants.waits(tenantId, connectionId)).toBe(false);
    await workAll();
    expect(await keysOf(tenantId)).toHaveLength(2);
    await letGracePass();
    await workAll();
    expect(await keysOf(tenantId)).toHaveLength(1);

    const binding = { tenantId, table: 'webhooks', column: 'sealed', generation: 1 } as const;
    const [webhook] = (await replica.webhooks.list(tenantId, { limit: 1 })).items;
    const sealed = await replica.sealer.seal('late', old, { ...binding, rowId: webhook?.id ?? '' });
    await expect(
      database.query('update gk.webhooks set sealed = $2 where id = $1', [webhook?.id, sealed]),
    ).rejects.toThrow(/foreign key/);
  });

  it('goes with its tenant: copies of the rows do not open, whatever key-encryption key there is', async () => {
    const [replica] = replicas;
    const { tenantId, slug } = await populate(replica);
    const keys = await keysOf(tenantId);
    const copies = (await everySealedRow(database)).filter((row) => row.tenantId === tenantId);
    expect(new Set(copies.map(({ table }) => table)).size).toBe(everySealedColumn.length);
    expect(await replica.tenantRemovals.remove(slug, 60_000)).toMatchObject({ isDone: true });
    const left = await database.query('select wrapped from gk.tenant_keys where tenant_id = $1', [tenantId]);
    expect(left).toEqual([]);
    for (const row of copies) {
      await openRow(replica, row, keys);
      await expect(openRow(replica, row, [])).rejects.toMatchObject({ code: 'cannot_open' });
    }
  });
});
