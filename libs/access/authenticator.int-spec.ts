import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { type Clock, systemClock } from '#provider-kit';
import { createTestDatabase, eventually, type TestDatabase } from '#testing';
import { ApiKeyRepository, ChangeFeed } from '#vault';
import { generateApiKey, hashApiKey } from './api-key.js';
import { Authenticator } from './authenticator.js';
import { startAccess } from './spec-support/access-module.js';

let aheadMs = 0;
const clock: Clock = { now: systemClock.now, monotonicMs: () => systemClock.monotonicMs() + aheadMs };
const outageReadSeconds = 60;
const address = '192.0.2.1';

let database: TestDatabase;
let module: TestingModule;
let authenticator: Authenticator;
beforeAll(async () => {
  database = await createTestDatabase();
  module = await startAccess(database.url, {
    clock,
    GRANTKEEPER_BOOTSTRAP_KEY: 'the first key of this database, used by nobody',
    GRANTKEEPER_OUTAGE_READ_SECONDS: String(outageReadSeconds),
  });
  authenticator = module.get(Authenticator, { strict: false });
});
afterAll(async () => {
  await module.close();
  await database.drop();
});
const hearing = () => eventually(() => expect(module.get(ChangeFeed, { strict: false }).hearing).toBe(true));
beforeEach(hearing);

async function newKey(
  expiresAt: Date | null = null,
  key = generateApiKey('platform_admin'),
): Promise<string> {
  const row = { tenantId: null, name: 'x', role: 'platform_admin', connections: null, expiresAt };
  await module.get(ApiKeyRepository, { strict: false }).create({ ...row, hash: hashApiKey(key) });
  return key;
}

/** Takes a key away; unheard, as if the notification had been lost on the way. */
async function remove(key: string, { unheard = false } = {}): Promise<void> {
  if (unheard) await database.query("set session_replication_role = 'replica'");
  await database.query('delete from gk.api_keys where hash = $1', [hashApiKey(key)]);
  if (unheard) await database.query("set session_replication_role = 'origin'");
}

describe('Authenticator', () => {
  it('refuses a key within a second of its removal', async () => {
    const key = await newKey();
    expect(await authenticator.authenticate(key, address)).toMatchObject({
      role: 'platform_admin',
      tenantId: null,
    });
    await remove(key);
    await eventually(
      async () => expect(await authenticator.authenticate(key, address)).toBeUndefined(),
      1_000,
    );
  });

  it('asks nobody while it hears, and asks again once it has been deaf for two seconds', async () => {
    const key = await newKey();
    await authenticator.authenticate(key, address);
    await remove(key, { unheard: true });
    expect(await authenticator.authenticate(key, address)).toBeDefined();
    aheadMs += 2_001;
    expect(await authenticator.authenticate(key, address)).toBeUndefined();
  });

  it('ends a remembered key at its own end, also while the database cannot be asked', async () => {
    const short = await newKey(new Date(Date.now() + 20_000));
    expect(await authenticator.authenticate(short, address)).toBeDefined();
    const restore = await database.interrupt();
    try {
      aheadMs += outageReadSeconds * 500;
      await expect(authenticator.authenticate(short, address)).rejects.toThrow();
    } finally {
      await restore();
    }

    const key = await newKey(new Date(Date.now() + 60_000));
    expect(await authenticator.authenticate(key, address)).toBeDefined();
    await database.setClockOffset(61);
    aheadMs += 61_000;
    expect(await authenticator.authenticate(key, address)).toBeUndefined();
    await database.setClockOffset(0);
  });

  it('knows a key through an outage for the time that is set, and nobody else', async () => {
    const known = await newKey();
    const unknown = await newKey();
    await authenticator.authenticate(known, address);
    const restore = await database.interrupt();
    try {
      aheadMs += (outageReadSeconds - 10) * 1_000;
      expect(await authenticator.authenticate(known, address)).toBeDefined();
      await expect(authenticator.authenticate(unknown, address)).rejects.toThrow();
      aheadMs += 11_000;
      await expect(authenticator.authenticate(known, address)).rejects.toThrow();
    } finally {
      await restore();
    }
    expect(await authenticator.authenticate(unknown, address)).toBeDefined();
  });

  it('gives the first key to an empty database only', async () => {
    const first = 'the first key of this database, used by nobody';
    expect(await authenticator.authenticate(first, address)).toMatchObject({ role: 'platform_admin' });
    const [row] = await database.query<{ count: number }>(
      "select count(*)::int as count from gk.api_keys where name = 'bootstrap'",
    );
    expect(row?.count).toBe(1);
  });

  describe('with made-up keys', () => {
    const madeUp = () => generateApiKey('token_reader');
    /** The different answers to these keys, and about how many of them the database was asked. */
    async function tryAll(bearers: readonly string[], from: (index: number) => string) {
      const find = jest.spyOn(module.get(ApiKeyRepository, { strict: false }), 'findUsable');
      const answers = await Promise.all(
        bearers.map((bearer, i) => authenticator.authenticate(bearer, from(i)).catch(({ code }) => code)),
      );
      const questions = find.mock.calls.length;
      find.mockRestore();
      return { answers: [...new Set(answers)], questions };
    }
    beforeEach(() => {
      aheadMs += 3_600_000;
      return hearing();
    });

    it('asks the database 100 times at most about 10,000 of them, wherever they come from', async () => {
      const cached = await newKey();
      expect(await authenticator.authenticate(cached, address)).toBeDefined();
      const [fresh, later] = [await newKey(), generateApiKey('platform_admin')];
      const { answers, questions } = await tryAll(
        Array.from({ length: 10_000 }, madeUp),
        (i) => `2001:db8:0:${(i % 5_000).toString(16)}::1`,
      );
      expect(answers).toEqual([undefined, 'rate_limited']);
      expect(questions).toBeGreaterThan(10);
      expect(questions).toBeLessThanOrEqual(100);
      const more = await tryAll(Array.from({ length: 20 }, madeUp), () => address);
      expect(more.answers).toContain('rate_limited');
      // A good key is never locked out: not one that this process has never seen, nor one made meanwhile.
      expect(await authenticator.authenticate(cached, address)).toBeDefined();
      expect(await authenticator.authenticate(fresh, address)).toBeDefined();
      await newKey(null, later);
      await eventually(async () => expect(await authenticator.authenticate(later, address)).toBeDefined());
    });

    it('asks once about the same one, and again when keys have changed', async () => {
      const bearer = generateApiKey('platform_admin');
      expect(await tryAll([bearer], () => address)).toEqual({ answers: [undefined], questions: 1 });
      expect(await tryAll([bearer, bearer], () => address)).toEqual({ answers: [undefined], questions: 0 });
      await newKey(null, bearer);
      await eventually(async () => expect(await authenticator.authenticate(bearer, address)).toBeDefined());
    });

    it('refuses an address after 200 failures, whatever it sends, and no other', async () => {
      const key = await newKey();
      const wrong = Array.from({ length: 200 }, () => 'mistyped');
      expect((await tryAll(wrong, () => address)).answers).toEqual([undefined]);
      await expect(authenticator.authenticate('mistyped', address)).rejects.toMatchObject({
        code: 'rate_limited',
        retryAfterSeconds: 1,
      });
      await expect(authenticator.authenticate(madeUp(), address)).rejects.toThrow('too many');
      expect(await authenticator.authenticate('mistyped', '192.0.2.2')).toBeUndefined();
      expect(await authenticator.authenticate(key, address)).toBeDefined();
      aheadMs += 1_000;
      expect(await authenticator.authenticate('mistyped', address)).toBeUndefined();
    });

    it('asks 20 times about keys that begin alike', async () => {
      const alike = Array.from({ length: 40 }, (_, i) => `a key chosen by an operator, number ${i}`);
      const answers: unknown[] = [];
      for (const bearer of alike)
        answers.push(await authenticator.authenticate(bearer, address).catch(({ code }) => code));
      expect(answers).toEqual([...Array(20).fill(undefined), ...Array(20).fill('rate_limited')]);
    });
  });
});
