import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#testing';
import { kek } from '../spec-support/kek.js';
import {
  addConnection,
  claimNow,
  commitNow,
  openVault,
  populate,
  type TestVault,
} from '../spec-support/vault.js';

describe('a key-encryption key that is replaced', () => {
  const [first, second, third] = [kek('first'), kek('second'), kek('third')];
  const deploymentId = 'deployment-1';
  let database: TestDatabase;
  let before: TestVault;
  let between: TestVault;
  let populated: Awaited<ReturnType<typeof populate>>[];

  beforeAll(async () => {
    database = await createTestDatabase();
    before = await openVault(database.url, { deploymentId, keys: [first] });
    between = await openVault(database.url, { deploymentId, keys: [second, first] });
    populated = await Promise.all(Array.from({ length: 6 }, () => populate(before)));
  });
  afterAll(async () => {
    await before.close();
    await between.close();
    await database.drop();
  });

  it('wraps nothing any more after a rewrap, beside reads and renewals of replicas old and new', async () => {
    expect(await between.keys.uses()).toEqual([
      { id: 'second', state: 'newest', dataKeys: 0 },
      { id: 'first', state: 'older', dataKeys: 6 },
    ]);
    expect(await before.keys.uses()).toEqual([{ id: 'first', state: 'newest', dataKeys: 6 }]);

    let stopped = false;
    const load = populated.map(async ({ tenantId, claim, connectionId }, at) => {
      const replica = at % 2 === 0 ? before : between;
      let generation = claim.generation;
      expect(await commitNow(replica, claim, `token ${generation + 1}`)).toBe(true);
      for (generation += 1; !stopped; generation += 1) {
        expect((await replica.tokens.read(tenantId, 'main'))?.token?.accessToken).toBe(`token ${generation}`);
        const next = await claimNow(replica, { tenantId, connectionId, generation });
        expect(await commitNow(replica, next, `token ${generation + 1}`)).toBe(true);
      }
      return generation;
    });
    const rewraps = await Promise.all([between.keys.rewrap(60_000), between.keys.rewrap(60_000)]);
    stopped = true;
    await Promise.all(load);
    expect(rewraps.map(({ left }) => left)).toEqual([0, 0]);
    expect(rewraps.reduce((sum, { rewrapped }) => sum + rewrapped, 0)).toBe(6);
    expect(await between.keys.uses()).toEqual([
      { id: 'second', state: 'newest', dataKeys: 6 },
      { id: 'first', state: 'older', dataKeys: 0 },
    ]);
  });

  it('is needed by nothing then', async () => {
    const after = await openVault(database.url, { deploymentId, keys: [second] });
    for (const { tenantId, slug } of populated) {
      expect((await after.tokens.read(tenantId, 'main'))?.token?.accessToken).toMatch(/^token /);
      const credential = await after.credentials.find(tenantId, 'main');
      expect(credential && (await after.credentials.openSecrets(credential))).toEqual([
        { kind: 'client_secret', value: `secret of ${slug}` },
      ]);
    }
    const [a] = populated;
    if (a) await addConnection(after, a, 'made after it');
    await after.close();
  });

  it('is named while it is missing, and what it wraps is left alone until it is back', async () => {
    const without = await openVault(database.url, { deploymentId, keys: [third] });
    await populate(without);
    expect(await without.keys.uses()).toEqual([
      { id: 'third', state: 'newest', dataKeys: 1 },
      { id: 'second', state: 'unlisted', dataKeys: 6 },
    ]);
    expect(await without.keys.rewrap(60_000)).toEqual({ rewrapped: 0, left: 6 });
    await without.close();
    const back = await openVault(database.url, { deploymentId, keys: [third, second] });
    expect(await back.keys.rewrap(0)).toEqual({ rewrapped: 0, left: 6 });
    expect(await back.keys.rewrap(60_000)).toEqual({ rewrapped: 6, left: 0 });
    await back.close();
  });
});
