import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#testing';
import {
  addConnection,
  addCredential,
  claimNow,
  commitNow,
  lease,
  openVault,
  type TestVault,
} from '../spec-support/vault.js';
import type { FailedRenewal } from './claim.js';

const failed = (overrides: Partial<FailedRenewal> = {}): FailedRenewal => ({
  status: 'degraded',
  error: {
    code: 'server_error',
    at: new Date().toISOString(),
    attempts: 1,
    next_attempt_at: null,
    remedy: 'Wait.',
  },
  nextRenewalAt: null,
  retryNotBefore: null,
  terminal: false,
  refused: false,
  spentHash: null,
  ...overrides,
});

describe('leases and generations', () => {
  let database: TestDatabase;
  /** Two replicas. */
  let one: TestVault;
  let two: TestVault;
  let target: { tenantId: string; connectionId: string; generation: number };

  beforeAll(async () => {
    database = await createTestDatabase();
    [one, two] = [await openVault(database.url), await openVault(database.url)];
  });
  beforeEach(async () => {
    await database.setClockOffset(0);
    const credential = await addCredential(one);
    const connection = await addConnection(one, credential);
    target = { tenantId: credential.tenantId, connectionId: connection.id, generation: 0 };
    await commitNow(one, await claimNow(one, target), 'first');
    target.generation = 1;
  });
  afterAll(async () => {
    await Promise.all([one.close(), two.close()]);
    await database.drop();
  });

  const read = () => one.tokens.read(target.tenantId, 'main');
  const intents = () =>
    database.query<{ id: string; owner: string }>(
      'select id, owner, generation from gk.intents where connection_id = $1',
      [target.connectionId],
    );
  const leaseRow = async () => {
    const [row] = await database.query<{ owner: string | null; seconds: number | null }>(
      `select lease_owner as owner, extract(epoch from lease_expires_at - gk.now())::int as seconds
       from gk.connections where id = $1`,
      [target.connectionId],
    );
    return row;
  };
  const eventTypes = async () => {
    const { items } = await one.connections.events(target.tenantId, target.connectionId, { limit: 50 });
    return items.map(({ type }) => type);
  };

  it('gives one claim to two replicas that race for it, every time', async () => {
    for (let generation = 1; generation <= 10; generation += 1) {
      const race = await Promise.all(
        [one, two, one, two].map((vault) => vault.renewals.claim({ ...target, generation }, lease())),
      );
      const winners = race.flatMap((claim) => ('refusal' in claim ? [] : [claim]));
      expect(winners.length).toBe(1);
      expect(race.flatMap((claim) => ('refusal' in claim ? [claim.refusal] : []))).toEqual(
        Array(3).fill('leased'),
      );
      const [winner] = winners;
      expect(await intents()).toEqual([expect.objectContaining({ id: winner?.intentId, generation })]);
      if (winner) expect(await commitNow(one, winner, `token ${generation + 1}`)).toBe(true);
      expect(await intents()).toEqual([]);
    }
    expect((await read())?.generation).toBe(11);
  });

  it('names the lease’s owner and end, and frees it with the commit and with a failure', async () => {
    const first = lease(20);
    const claim = await one.renewals.claim(target, first);
    if ('refusal' in claim) throw new Error(claim.refusal);
    expect(await leaseRow()).toMatchObject({ owner: first.owner });
    expect((await leaseRow())?.seconds).toBeGreaterThanOrEqual(19);
    expect((await read())?.leased).toBe(true);
    expect(await one.renewals.fail(claim, failed())).toBe(true);
    expect(await leaseRow()).toEqual({ owner: null, seconds: null });
    await commitNow(one, await claimNow(one, target), 'second');
    expect(await leaseRow()).toEqual({ owner: null, seconds: null });
    expect((await read())?.leased).toBe(false);
  });

  it('lets an expired lease be taken over, and not a second earlier', async () => {
    await claimNow(one, target, 15);
    await database.setClockOffset(14);
    expect(await two.renewals.claim(target, lease())).toMatchObject({ refusal: 'leased' });
    await database.setClockOffset(16);
    const taken = await claimNow(two, target);
    expect(taken.claimedAt.getTime() - Date.now()).toBeGreaterThan(15_000);
  });

  it('commits what was received after the lease was lost, as long as the generation stands', async () => {
    const slow = await claimNow(one, target, 15);
    await database.setClockOffset(60);
    expect(await commitNow(one, slow, 'late but the only one')).toBe(true);
    expect(await read()).toMatchObject({ generation: 2, token: { accessToken: 'late but the only one' } });
  });

  it('opens an answer from a journal only as the answer to its own intent', async () => {
    const claim = await claimNow(one, target);
    const loaded = await one.renewals.load(claim);
    if (!loaded) throw new Error('It must load while it is current.');
    const answer = { status: 200, contentType: 'application/json', body: '{"access_token":"a"}' };
    const sealed = await one.renewals.sealAnswer(claim, loaded, answer);
    expect(sealed).not.toContain('access_token');
    expect(await two.renewals.openAnswer(claim, loaded, sealed)).toEqual(answer);
    for (const other of [{ intentId: randomUUID() }, { generation: 2 }, { tenantId: randomUUID() }]) {
      await expect(two.renewals.openAnswer({ ...claim, ...other }, loaded, sealed)).rejects.toMatchObject({
        name: 'VaultError',
      });
    }
  });

  it('discards what comes after a newer generation', async () => {
    const slow = await claimNow(one, target, 15);
    const loaded = await one.renewals.load(slow);
    await database.setClockOffset(16);
    expect(await commitNow(two, await claimNow(two, target), 'newer')).toBe(true);
    const before = await database.query('select * from gk.connections where id = $1', [target.connectionId]);

    if (!loaded) throw new Error('It must load while it is current.');
    expect(
      await one.renewals.commit(slow, loaded, {
        contents: { accessToken: 'stale', tokenType: 'Bearer', scope: null, refreshToken: null },
        issuedAt: new Date(),
        expiresAt: new Date(),
        refreshTokenExpiresAt: null,
        nextRenewalAt: null,
        renewAheadAt: null,
        grantEndsAt: null,
        rotating: false,
        singleUse: false,
        announce: false,
      }),
    ).toBe(false);
    expect(
      await one.renewals.fail(slow, failed({ status: 'reauthorization_required', terminal: true })),
    ).toBe(false);
    expect(await one.renewals.load(slow)).toBeNull();

    expect(await database.query('select * from gk.connections where id = $1', [target.connectionId])).toEqual(
      before,
    );
    expect(await read()).toMatchObject({ generation: 2, status: 'active', token: { accessToken: 'newer' } });
    expect(await eventTypes()).toEqual(['connection.active']);
    expect(await intents()).toEqual([]);
  });

  it('does not take the lease from whoever has taken it over when the first at last fails', async () => {
    const slow = await claimNow(one, target, 15);
    await database.setClockOffset(16);
    const taken = lease(15);
    expect(await two.renewals.claim(target, taken)).not.toHaveProperty('refusal');
    expect(await one.renewals.fail(slow, failed())).toBe(false);
    expect(await leaseRow()).toMatchObject({ owner: taken.owner });
    expect(await one.renewals.claim(target, lease())).toMatchObject({ refusal: 'leased' });
  });

  it.each(['gives up', 'fails'] as const)(
    'takes no later lease from anybody, itself included, when the first at last %s',
    async (end) => {
      const process = lease(15);
      const slow = await one.renewals.claim(target, process);
      for (const taker of [process, lease(15)]) {
        await database.setClockOffset(taker === process ? 16 : 32);
        expect(await two.renewals.claim(target, taker)).not.toHaveProperty('refusal');
        if ('refusal' in slow) throw new Error(slow.refusal);
        if (end === 'fails') await one.renewals.fail(slow, failed());
        else await one.renewals.reschedule(slow, new Date(), null);
        expect(await leaseRow()).toMatchObject({ owner: taker.owner });
      }
    },
  );

  it('refuses a claim of a generation that has gone by, and of one to come', async () => {
    expect(await one.renewals.claim({ ...target, generation: 0 }, lease())).toMatchObject({
      refusal: 'renewed',
    });
    expect(await one.renewals.claim({ ...target, generation: 2 }, lease())).toMatchObject({
      refusal: 'renewed',
    });
  });

  it('holds claims back after a failure until it may be tried again, unless somebody insists', async () => {
    const at = Date.now();
    await one.renewals.fail(await claimNow(one, target), failed({ retryNotBefore: new Date(at + 30_000) }));
    const refused = await two.renewals.claim(target, lease());
    expect(refused).toMatchObject({ refusal: 'held_back', lastError: { code: 'server_error' } });
    expect('retryInMs' in refused && refused.retryInMs).toBeGreaterThan(25_000);
    const insisted = await two.renewals.claim(target, { ...lease(), insist: true });
    expect(insisted).not.toHaveProperty('refusal');
    // Not even insisting goes past a lease.
    expect(await one.renewals.claim(target, { ...lease(), insist: true })).toMatchObject({
      refusal: 'leased',
    });
  });

  it('counts failures, remembers the last, and forgets both with the next success', async () => {
    for (const attempts of [1, 2, 3]) {
      const claim = await claimNow(one, target);
      expect((await one.renewals.load(claim))?.failedAttempts).toBe(attempts - 1);
      await one.renewals.fail(claim, failed());
    }
    expect(await read()).toMatchObject({
      status: 'degraded',
      lastError: { code: 'server_error' },
      token: { accessToken: 'first' },
    });
    await commitNow(one, await claimNow(one, target), 'second');
    expect(await read()).toMatchObject({ status: 'active', lastError: null, generation: 2 });
    expect(await eventTypes()).toEqual(['connection.active', 'connection.degraded', 'connection.active']);
  });

  it('claims nothing of a connection that has ended or gone', async () => {
    await one.renewals.fail(
      await claimNow(one, target),
      failed({ status: 'reauthorization_required', terminal: true }),
    );
    expect(await one.renewals.claim(target, lease())).toMatchObject({ refusal: 'ended' });
    await one.connections.remove(target.tenantId, target.connectionId);
    expect(await one.renewals.claim(target, lease())).toMatchObject({ refusal: 'gone' });
  });
});
