import { createHash } from 'node:crypto';
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
  const hashOf = (at: number) => createHash('sha256').update(`key ${at}`).digest();
  const use = (id: string, state: string, dataKeys: number, callers: number, signsAudit: boolean) => ({
    id,
    state,
    kind: state === 'unlisted' ? null : 'local',
    dataKeys,
    olderDataKeys: 0,
    callers,
    signsAudit,
  });
  let database: TestDatabase;
  let before: TestVault;
  let between: TestVault;
  let populated: Awaited<ReturnType<typeof populate>>[];

  beforeAll(async () => {
    database = await createTestDatabase();
    before = await openVault(database.url, { deploymentId, keys: [first] });
    between = await openVault(database.url, { deploymentId, keys: [second, first] });
    populated = await Promise.all(Array.from({ length: 6 }, () => populate(before)));
    for (const [at, tenantId] of [null, populated[0]?.tenantId ?? null].entries()) {
      await before.apiKeys.create({
        tenantId,
        name: 'a key',
        role: tenantId === null ? 'platform_admin' : 'token_reader',
        connections: null,
        expiresAt: null,
        hash: hashOf(at),
      });
    }
    await before.workloadIdentities.create(populated[1]?.tenantId ?? '', {
      slug: 'job',
      issuer: 'https://issuer.example',
      audience: null,
      match: { sub: 'job' },
      role: 'token_reader',
      connections: null,
    });
  });
  afterAll(async () => {
    await before.close();
    await between.close();
    await database.drop();
  });

  it('wraps nothing any more after a rewrap, beside reads and renewals of replicas old and new', async () => {
    expect(await between.keys.uses()).toEqual([
      use('second', 'newest', 0, 0, false),
      use('first', 'older', 6, 15, true),
    ]);
    expect(await before.keys.uses()).toEqual([use('first', 'newest', 6, 15, true)]);

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
    expect(rewraps.reduce((sum, { rewrapped }) => sum + rewrapped, 0)).toBe(21);
    expect(await between.keys.uses()).toEqual([
      use('second', 'newest', 6, 15, false),
      use('first', 'older', 0, 0, true),
    ]);
  });

  it('is needed by nothing then but the audit events it has signed', async () => {
    const after = await openVault(database.url, { deploymentId, keys: [second] });
    for (const { tenantId, slug } of populated) {
      expect((await after.tokens.read(tenantId, 'main'))?.token?.accessToken).toMatch(/^token /);
      const credential = await after.credentials.find(tenantId, 'main');
      expect(credential && (await after.credentials.openSecrets(credential))).toEqual([
        { kind: 'client_secret', value: `secret of ${slug}` },
      ]);
    }
    expect(await after.apiKeys.findUsable(hashOf(0))).toMatchObject({ role: 'platform_admin' });
    expect(await after.apiKeys.findUsable(hashOf(1))).toMatchObject({ role: 'token_reader' });
    expect(
      await after.workloadIdentities.findUsable(populated[1]?.slug ?? '', 'https://issuer.example'),
    ).toHaveLength(1);
    const [a] = populated;
    if (a) await addConnection(after, a, 'made after it');
    await after.close();
  });

  it('is named while it is missing, and what it wraps is left alone until it is back', async () => {
    const without = await openVault(database.url, { deploymentId, keys: [third] });
    await populate(without);
    expect(await without.keys.uses()).toEqual([
      use('third', 'newest', 1, 2, true),
      use('first', 'unlisted', 0, 0, true),
      use('second', 'unlisted', 6, 15, false),
    ]);
    expect(await without.keys.rewrap(60_000)).toEqual({ rewrapped: 0, left: 21 });
    await without.close();
    const back = await openVault(database.url, { deploymentId, keys: [third, second] });
    expect(await back.keys.rewrap(0)).toEqual({ rewrapped: 0, left: 21 });
    expect(await back.keys.rewrap(60_000)).toEqual({ rewrapped: 21, left: 0 });
    await back.close();
  });
});
