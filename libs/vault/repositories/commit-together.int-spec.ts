import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#testing';
import {
  addConnection,
  addCredential,
  claimNow,
  openVault,
  type TestVault,
  tokens,
} from '../spec-support/vault.js';
import type { ClaimedConnection } from './claim.js';

describe('renewals that are written down together', () => {
  let database: TestDatabase;
  let vault: TestVault;

  beforeAll(async () => {
    database = await createTestDatabase();
    vault = await openVault(database.url);
  });
  afterAll(async () => {
    await vault.close();
    await database.drop();
  });

  /** Claimed and loaded connections of one new tenant. */
  async function claimed(count: number) {
    const credential = await addCredential(vault);
    const { tenantId } = credential;
    const claims = [];
    for (let n = 0; n < count; n += 1) {
      const { id } = await addConnection(vault, credential, `c${n}`);
      claims.push(await claimNow(vault, { tenantId, connectionId: id, generation: 0 }));
    }
    const loaded = await Promise.all(claims.map((claim) => vault.renewals.load(claim)));
    return claims.map((claim, at) => ({ claim, loaded: loaded[at] as ClaimedConnection }));
  }
  const generations = (tenantId: string) =>
    database.query<{ generation: number; transaction: string }>(
      'select generation, xmin::text as transaction from gk.connections where tenant_id = $1 order by slug',
      [tenantId],
    );

  it('are one transaction, and each its own tokens', async () => {
    const all = await claimed(5);
    const done = await Promise.all(
      all.map(({ claim, loaded }, n) => vault.renewals.commit(claim, loaded, tokens(`token ${n}`))),
    );
    expect(done).toEqual([true, true, true, true, true]);
    const tenantId = all[0]?.claim.tenantId ?? '';
    expect(new Set((await generations(tenantId)).map(({ transaction }) => transaction)).size).toBe(1);
    for (let n = 0; n < 5; n += 1) {
      expect(await vault.tokens.read(tenantId, `c${n}`)).toMatchObject({
        token: { accessToken: `token ${n}` },
      });
    }
  });

  it('are one transaction of several tenants, each under its own', async () => {
    const several = (await Promise.all([claimed(2), claimed(1), claimed(2)])).flat();
    const call = jest.spyOn(vault.database, 'call');
    const loaded = await Promise.all(several.map(({ claim }) => vault.renewals.load(claim)));
    expect(call).toHaveBeenCalledTimes(1);
    expect(loaded).toEqual(several.map((one) => one.loaded));
    call.mockClear();
    const done = await Promise.all(
      several.map((one, n) => vault.renewals.commit(one.claim, one.loaded, tokens(`token ${n}`))),
    );
    expect(call).toHaveBeenCalledTimes(1);
    call.mockRestore();
    expect(done).toEqual([true, true, true, true, true]);
    const tenants = [...new Set(several.map(({ claim }) => claim.tenantId))];
    const written = (await Promise.all(tenants.map(generations))).flat();
    expect(new Set(written.map(({ transaction }) => transaction)).size).toBe(1);
    for (const [tenant, expected] of [
      ['token 0', 'token 1'],
      ['token 2'],
      ['token 3', 'token 4'],
    ].entries()) {
      for (const [n, accessToken] of expected.entries()) {
        expect(await vault.tokens.read(tenants[tenant] ?? '', `c${n}`)).toMatchObject({
          token: { accessToken },
        });
      }
    }
  });

  it('write the next generation once where two of them are of one connection', async () => {
    const [one, other] = await claimed(2);
    if (!one || !other) throw new Error('Expected two claims.');
    const done = await Promise.all([
      vault.renewals.commit(one.claim, one.loaded, tokens('first')),
      vault.renewals.commit(other.claim, other.loaded, tokens('other')),
      vault.renewals.commit(one.claim, one.loaded, tokens('second')),
    ]);
    expect(done.filter((written) => written)).toHaveLength(2);
    expect(done[1]).toBe(true);
    const { tenantId } = one.claim;
    expect((await generations(tenantId)).map(({ generation }) => generation)).toEqual([1, 1]);
    const accessToken = done[0] ? 'first' : 'second';
    expect(await vault.tokens.read(tenantId, 'c0')).toMatchObject({ token: { accessToken } });
  });

  it('end together where they fail, in one transaction of several tenants', async () => {
    const several = (await Promise.all([claimed(2), claimed(1)])).flat();
    const call = jest.spyOn(vault.database, 'call');
    const done = await Promise.all(
      several.map(({ claim, loaded }, n) =>
        vault.renewals.fail(
          { ...claim, generation: n === 1 ? 7 : claim.generation },
          {
            status: 'reauthorization_required',
            error: { code: 'invalid_grant', at: '', attempts: 1, next_attempt_at: null, remedy: '' },
            nextRenewalAt: null,
            retryNotBefore: null,
            terminal: true,
            refused: false,
            spentHash: loaded.spentHash,
          },
        ),
      ),
    );
    expect(call).toHaveBeenCalledTimes(1);
    call.mockRestore();
    expect(done).toEqual([true, false, true]);
    const rows = await database.query<{ id: string; status: string; transaction: string }>(
      'select id, status, xmin::text as transaction from gk.connections where id = any ($1)',
      [several.map(({ claim }) => claim.connectionId)],
    );
    const ended = rows.filter(({ status }) => status === 'reauthorization_required');
    expect(ended.map(({ id }) => id).sort()).toEqual(
      [several[0]?.claim.connectionId, several[2]?.claim.connectionId].sort(),
    );
    expect(new Set(ended.map(({ transaction }) => transaction)).size).toBe(1);
  });

  it('do not wait for another tenant whose row somebody has locked', async () => {
    const [[locked], [free]] = await Promise.all([claimed(1), claimed(1)]);
    if (!locked || !free) throw new Error('One was claimed of each.');
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    const { promise: isHeld, resolve: onHeld } = Promise.withResolvers<void>();
    const holding = vault.database.inTenant(locked.claim.tenantId, async (manager) => {
      await manager.query('select 1 from gk.connections where id = $1 for update', [
        locked.claim.connectionId,
      ]);
      onHeld();
      await held;
    });
    await isHeld;
    const waiting = vault.renewals.commit(locked.claim, locked.loaded, tokens('late'));
    try {
      expect(await vault.renewals.commit(free.claim, free.loaded, tokens('in time'))).toBe(true);
      expect((await generations(locked.claim.tenantId))[0]?.generation).toBe(0);
    } finally {
      letGo();
    }
    await holding;
    expect(await waiting).toBe(true);
  });

  it('are each judged by their own generation', async () => {
    const [first, second] = await claimed(2);
    if (!first || !second) throw new Error('Two were claimed.');
    expect(await vault.renewals.commit(first.claim, first.loaded, tokens('newer'))).toBe(true);
    const done = await Promise.all([
      vault.renewals.commit(first.claim, first.loaded, tokens('older')),
      vault.renewals.commit(second.claim, second.loaded, tokens('other')),
    ]);
    expect(done).toEqual([false, true]);
    expect(await vault.tokens.read(first.claim.tenantId, 'c0')).toMatchObject({
      token: { accessToken: 'newer' },
    });
  });

  it('do not fail because one of them cannot be written', async () => {
    const [bad, ...good] = await claimed(4);
    if (!bad) throw new Error('Four were claimed.');
    const unwritable = tokens('bad', {
      contents: { accessToken: 'bad', tokenType: 'Bearer', scope: 'half a \ud800', refreshToken: null },
    });
    const done = await Promise.allSettled([
      vault.renewals.commit(bad.claim, bad.loaded, unwritable),
      ...good.map(({ claim, loaded }) => vault.renewals.commit(claim, loaded, tokens('good'))),
    ]);
    expect(done.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
    expect((await generations(bad.claim.tenantId)).map(({ generation }) => generation)).toEqual([0, 1, 1, 1]);
  });

  it('reach no row of another tenant, whatever they name, in the company of that tenant too', async () => {
    const [[mine], [theirs]] = await Promise.all([claimed(1), claimed(1)]);
    if (!mine || !theirs) throw new Error('One was claimed of each.');
    const stolen = { ...theirs.claim, tenantId: mine.claim.tenantId };
    expect(
      await Promise.all([
        vault.renewals.load(theirs.claim),
        vault.renewals.load(stolen),
        vault.renewals.load(mine.claim),
      ]),
    ).toEqual([theirs.loaded, null, mine.loaded]);
    expect(
      await Promise.all([
        vault.renewals.commit(mine.claim, mine.loaded, tokens('mine')),
        vault.renewals.commit(stolen, mine.loaded, tokens('stolen')),
      ]),
    ).toEqual([true, false]);
    expect((await generations(theirs.claim.tenantId)).map(({ generation }) => generation)).toEqual([0]);
  });
});
